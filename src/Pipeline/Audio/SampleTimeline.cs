namespace RealtimeSsl.Pipeline;

/// <summary>
/// Which time a sample shows. A sound card's clock and the engine's never run at quite the same speed, and each block's stamp jitters by
/// some milliseconds; so samples are laid out by the sample clock, and the layout follows the stamps slowly (time constant 5 s: jitter of
/// 5 ms moves it by microseconds, a drift of 100 ppm stays below 0.5 ms). A stamp more than 70 ms away is no jitter: the stream was cut.
/// </summary>
public sealed class SampleTimeline
{
    /// <summary>Deviation at which a stamp is not followed any more but believed.</summary>
    public static readonly TimeSpan RelockAt = TimeSpan.FromMilliseconds(70);

    private const double Smoothing = 5;

    // Files stamp exactly but for the rounding to ticks: those are not followed, so that results do not depend on the size of the blocks.
    private const double Exact = 10;

    private double _origin;
    private double _age;

    /// <summary>Lays the first sample at that time.</summary>
    public void Start(TimeSpan time) => (_origin, _age) = (time.Ticks, 0);

    /// <summary>The time that a moment shows.</summary>
    /// <param name="seconds">Sample index / rate, from the first sample.</param>
    public TimeSpan TimeAt(double seconds) => new((long)Math.Round(_origin + seconds * TimeSpan.TicksPerSecond));

    /// <summary>The moment, in seconds of the sample clock from the first sample, that shows that time; negative before it.</summary>
    public double SecondsAt(TimeSpan time) => (time.Ticks - _origin) / TimeSpan.TicksPerSecond;

    /// <summary>Compares a block's stamp with the layout and follows it.</summary>
    /// <param name="stamp">Time of the block's first sample.</param>
    /// <param name="seconds">Where that sample is, in seconds of the sample clock from the first sample.</param>
    /// <param name="duration">Length of the block in seconds.</param>
    /// <returns>False, and nothing changed, when they differ by more than <see cref="RelockAt"/>.</returns>
    public bool Follow(TimeSpan stamp, double seconds, double duration)
    {
        var error = stamp.Ticks - (_origin + seconds * TimeSpan.TicksPerSecond);
        if (Math.Abs(error) > RelockAt.Ticks)
        {
            return false;
        }

        // The plain mean of the stamps at first, so that one late first stamp does not stay for seconds; then the slow filter.
        _age = Math.Min(_age + duration, Smoothing);
        if (Math.Abs(error) > Exact)
        {
            _origin += error * Math.Min(1, duration / _age);
        }

        return true;
    }
}
