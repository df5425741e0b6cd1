using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Microphone;

/// <summary>
/// When a microphone's samples were heard, on the engine's clock. Each delivery says "sample n was there by now", with jitter; a delay-locked loop of
/// second order (F. Adriaensen, "Using a DLL to filter time", 2005) makes of it a smooth line, whose slope is the drift of the sound card's clock.
/// More than 70 ms beside the line is no jitter but a loss: the line starts afresh.
/// </summary>
/// <param name="rate">Nominal sample rate in Hz.</param>
internal sealed class SampleClock(int rate)
{
    /// <summary>Deviation at which a stamp is believed and not followed.</summary>
    public static readonly TimeSpan RelockAt = TimeSpan.FromMilliseconds(70);

    // Bandwidth of the loop in Hz: fast at first, so that one late first delivery is soon forgotten, then slow enough for a steady drift.
    private const double FastHz = 0.5;
    private const double SlowHz = 0.02;
    private const double SettleSeconds = 5;

    private double _time;
    private double _period;
    private long _sample;
    private double _age = -1;

    /// <summary>Speed of the device's clock against the engine's, in parts per million; positive if it is faster. 0 until it has settled.</summary>
    public double DriftPpm => _age > 2 * SettleSeconds ? (1 / (_period * rate) - 1) * 1e6 : 0;

    /// <summary>Takes a delivery.</summary>
    /// <param name="end">Index just after its last sample.</param>
    /// <param name="heard">When that sample was heard, as measured: the time of arrival less what is known of the latency.</param>
    /// <returns>False if the line had to start afresh.</returns>
    public bool Update(long end, TimeSpan heard)
    {
        var measured = heard.TotalSeconds;
        if (_age < 0)
        {
            (_time, _period, _sample, _age) = (measured, 1.0 / rate, end, 0);
            return true;
        }

        var step = (end - _sample) / (double)rate;
        var predicted = _time + (end - _sample) * _period;
        var error = measured - predicted;
        if (Math.Abs(error) > RelockAt.TotalSeconds)
        {
            (_time, _period, _sample, _age) = (measured, 1.0 / rate, end, 0);
            return false;
        }

        _age += step;
        var omega = 2 * Math.PI * (_age < SettleSeconds ? FastHz : SlowHz) * step;
        _time = predicted + Math.Min(1, Math.Sqrt(2) * omega) * error;
        if (_age >= SettleSeconds)
        {
            _period += omega * omega * error / Math.Max(1, end - _sample);
        }

        _sample = end;
        return true;
    }

    /// <summary>When a sample was heard.</summary>
    public TimeSpan TimeOf(long sample) => TimeSpan.FromSeconds(_time + (sample - _sample) * _period);
}
