using System.Numerics;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// Streaming sample rate conversion of one channel, any whole rate to any other: a polyphase bank of Kaiser-windowed sincs. Output sample
/// n shows the same moment as input sample n * From / To (the filter's delay is compensated), so the sample clock stays the time. The
/// pass band reaches to 0.89 of the lower Nyquist frequency (ripple below 0.002 dB); from that Nyquist frequency on everything is down by
/// 80 dB. Output lags the input by <see cref="Lookahead"/> samples, 3 ms of the lower rate of 16 kHz. Equal rates pass through untouched.
/// Nothing is allocated per call.
/// </summary>
/// <remarks>
/// Kaiser's design: attenuation A dB over a transition of D (cycles per sample) needs (A - 7.95) / (14.36 D) points, beta = 0.1102 (A - 8.7).
/// </remarks>
public sealed class Resampler
{
    private const int ZeroCrossings = 48;
    private const double Attenuation = 80;

    private readonly int _up;
    private readonly int _down;
    private readonly int _taps;
    private readonly double[] _bank;
    private readonly double[] _history;
    private int _filled;
    private long _next;

    /// <summary>Designs the filter.</summary>
    /// <param name="from">Input rate in Hz.</param>
    /// <param name="to">Output rate in Hz.</param>
    public Resampler(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, 1);
        var common = (int)BigInteger.GreatestCommonDivisor(from, to);
        (From, To, _up, _down) = (from, to, to / common, from / common);
        Lookahead = from == to ? 0 : (int)Math.Ceiling(ZeroCrossings * Math.Max(1.0, (double)from / to));
        _taps = 2 * Lookahead + 1;
        _bank = from == to ? [] : Design(_up, _taps, Math.Min(1.0, (double)to / from));
        _history = new double[_taps + Math.Max(1024, _taps)];
        Reset();
    }

    /// <summary>Input rate in Hz.</summary>
    public int From { get; }

    /// <summary>Output rate in Hz.</summary>
    public int To { get; }

    /// <summary>How many input samples past its own moment an output sample needs.</summary>
    public int Lookahead { get; }

    /// <summary>The most samples that one call with that many input samples can give.</summary>
    public int MaxOutput(int input) => (int)(((long)input * _up + _down - 1) / _down) + 1;

    /// <summary>Forgets all input: the next sample is the first again. Before the first sample there was silence.</summary>
    public void Reset()
    {
        Array.Clear(_history, 0, Lookahead);
        (_filled, _next) = (Lookahead, 0);
    }

    /// <summary>Takes input samples and gives what output they complete.</summary>
    /// <param name="input">The next samples.</param>
    /// <param name="output">At least <see cref="MaxOutput"/> places.</param>
    /// <returns>How many samples were written.</returns>
    public int Process(ReadOnlySpan<double> input, Span<double> output)
    {
        if (Lookahead == 0)
        {
            input.CopyTo(output);
            return input.Length;
        }

        var written = 0;
        while (!input.IsEmpty)
        {
            var part = Math.Min(input.Length, _history.Length - _filled);
            input[..part].CopyTo(_history.AsSpan(_filled));
            _filled += part;
            input = input[part..];
            written += Drain(output[written..]);
        }

        return written;
    }

    // _next counts in steps of 1 / _up input samples from the begin of the history, whose sample 0 is the first tap of the next output.
    private int Drain(Span<double> output)
    {
        var written = 0;
        var first = (int)(_next / _up);
        while (first + _taps <= _filled)
        {
            var phase = (int)(_next % _up);
            output[written++] = Dot(_bank.AsSpan(phase * _taps, _taps), _history.AsSpan(first, _taps));
            _next += _down;
            first = (int)(_next / _up);
        }

        // When the input steps farther than the filter reaches, what is skipped has not come yet.
        var done = Math.Min(first, _filled);
        _history.AsSpan(done, _filled - done).CopyTo(_history);
        _filled -= done;
        _next -= (long)done * _up;
        return written;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sums = Vector<double>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            sums += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
        }

        var sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    // Tap t of phase p weighs the input sample that lies (t - taps / 2 - p / up) input samples from the output sample's moment.
    private static double[] Design(int phases, int taps, double band)
    {
        const double beta = 0.1102 * (Attenuation - 8.7);
        const double transition = (Attenuation - 7.95) / (14.36 * 2 * ZeroCrossings);
        var bank = new double[phases * taps];
        var reach = ZeroCrossings / band;
        var cutoff = band * (1 - transition);
        for (var phase = 0; phase < phases; phase++)
        {
            var row = bank.AsSpan(phase * taps, taps);
            var sum = 0.0;
            for (var tap = 0; tap < taps; tap++)
            {
                var x = tap - taps / 2 - (double)phase / phases;
                var inside = 1 - x / reach * (x / reach);
                row[tap] = inside <= 0 ? 0 : Sinc(cutoff * x) * Bessel0(beta * Math.Sqrt(inside));
                sum += row[tap];
            }

            // Every phase passes a constant unchanged: no ripple at the rate of the phases.
            foreach (ref var weight in row)
            {
                weight /= sum;
            }
        }

        return bank;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static double Bessel0(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var k = 1; term > sum * 1e-17; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
