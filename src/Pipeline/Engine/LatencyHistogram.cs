namespace RealtimeSsl.Pipeline;

/// <summary>
/// Latencies of a run of any length in constant memory: logarithmic buckets 2 % wide from 1 microsecond up, so that a percentile is
/// right within 1 %; the maximum is exact.
/// </summary>
public sealed class LatencyHistogram
{
    private const double Lowest = 1e-3;
    private static readonly double Ratio = Math.Log(1.02);
    private readonly long[] _buckets = new long[1200];
    private long _count;
    private double _max;

    /// <summary>Adds one latency in ms.</summary>
    public void Add(double ms)
    {
        var bucket = ms <= Lowest ? 0 : (int)(Math.Log(ms / Lowest) / Ratio) + 1;
        _buckets[Math.Min(bucket, _buckets.Length - 1)]++;
        _count++;
        _max = Math.Max(_max, ms);
    }

    /// <summary>The latency that a share <paramref name="quantile"/> (0..1) of all stay at or below, in ms; 0 if there are none.</summary>
    public double Quantile(double quantile)
    {
        var rank = (long)Math.Ceiling(quantile * _count);
        for (int i = 0, last = _buckets.Length; i < last; i++)
        {
            rank -= _buckets[i];
            if (rank <= 0 && _count > 0)
            {
                return i == 0 ? 0 : Math.Min(_max, Lowest * Math.Exp((i - 0.5) * Ratio));
            }
        }

        return _max;
    }

    /// <summary>The usual percentiles.</summary>
    public Percentiles Percentiles() => new(Round(Quantile(0.5)), Round(Quantile(0.95)), Round(Quantile(0.99)), Round(_max));

    private static double Round(double ms) => Math.Round(ms, 3);
}
