using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>The raw maps' extremes over a set of samples: mean and median of each sample's maximum and minimum.</summary>
public sealed record Magnitudes(double MeanMax, double MedianMax, double MeanMin, double MedianMin)
{
    /// <summary>Computes it.</summary>
    public static Magnitudes Of(IReadOnlyCollection<float[]> maps)
    {
        var (highs, lows) = (maps.Select(m => (double)TensorPrimitives.Max<float>(m)).ToArray(), maps.Select(m => (double)TensorPrimitives.Min<float>(m)).ToArray());
        return new Magnitudes(Mean(highs), Quantile(highs, 0.5), Mean(lows), Quantile(lows, 0.5));
    }

    /// <summary>A quantile by linear interpolation; not a number of nothing.</summary>
    public static double Quantile(IReadOnlyCollection<double> values, double q)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        var at = q * (sorted.Length - 1);
        var low = (int)at;
        return sorted[low] + (at - low) * (sorted[Math.Min(low + 1, sorted.Length - 1)] - sorted[low]);
    }

    private static double Mean(double[] values) => values.Length == 0 ? double.NaN : values.Average();
}

/// <summary>
/// What a model shows when nothing of the picture sounds (vssl_eval: silence, noise, another clip's sound), on raw maps and thresholds that are the
/// same for all samples: a map stretched by its own extremes always lights something.
/// </summary>
public static class Negatives
{
    /// <summary>The universal thresholds: of the negatives' maxima, the greatest, the 90 % and the 75 % quantile.</summary>
    public static IReadOnlyList<(string Name, double Value)> Thresholds(IReadOnlyCollection<float[]> negatives)
    {
        var highs = negatives.Select(m => (double)TensorPrimitives.Max<float>(m)).ToArray();
        return [("max", Magnitudes.Quantile(highs, 1)), ("top 10 %", Magnitudes.Quantile(highs, 0.9)), ("third quartile", Magnitudes.Quantile(highs, 0.75))];
    }

    /// <summary>pIA: the share of a map above a threshold; under negative sound, lower is better.</summary>
    public static double Share(ReadOnlySpan<float> map, double threshold) => Above(map, map, threshold).Both / (double)map.Length;

    /// <summary>Area under the share of samples whose pIA is at most 0, 0.05, ... 1: 1 for a model that stays dark.</summary>
    public static double ShareAuc(IReadOnlyCollection<double> shares) =>
        SuccessCurve.Of(i => shares.Count == 0 ? double.NaN : shares.Count(s => s <= SuccessCurve.At(i)) / (double)shares.Count).Auc;

    /// <summary>IoU of two maps cut at one threshold: 1 if both are empty, 0 if one is. What lights alike under both sounds.</summary>
    public static double Agreement(ReadOnlySpan<float> one, ReadOnlySpan<float> other, double threshold)
    {
        var (both, either) = Above(one, other, threshold);
        return either == 0 ? 1 : both / (double)either;
    }

    /// <summary>Pixels above a threshold in both of two maps, and in at least one of them.</summary>
    private static (int Both, int Either) Above(ReadOnlySpan<float> one, ReadOnlySpan<float> other, double threshold)
    {
        // The least float above the threshold: floats are then compared as such.
        var rounded = (float)threshold;
        var least = rounded > threshold ? rounded : MathF.BitIncrement(rounded);
        var a = MemoryMarshal.Cast<float, Vector<float>>(one);
        var b = MemoryMarshal.Cast<float, Vector<float>>(other);
        var (limit, both, either) = (new Vector<float>(least), Vector<int>.Zero, Vector<int>.Zero);
        for (var v = 0; v < a.Length; v++)
        {
            var (x, y) = (Vector.GreaterThanOrEqual(a[v], limit), Vector.GreaterThanOrEqual(b[v], limit));

            // What holds is -1.
            both -= x & y;
            either -= x | y;
        }

        var (inner, outer) = (Vector.Sum(both), Vector.Sum(either));
        for (var i = a.Length * Vector<float>.Count; i < one.Length; i++)
        {
            inner += one[i] >= least && other[i] >= least ? 1 : 0;
            outer += one[i] >= least || other[i] >= least ? 1 : 0;
        }

        return (inner, outer);
    }

    /// <summary>2ab / (a + b): finds what sounds (a), and stays dark where nothing does (b).</summary>
    public static double Balance(double a, double b) => a + b > 0 ? 2 * a * b / (a + b) : 0;
}
