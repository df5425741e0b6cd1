using System.Numerics;
using System.Runtime.InteropServices;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>A thresholded prediction against the ground truth.</summary>
/// <param name="Threshold">Where the map was cut.</param>
/// <param name="Positive">Pixels of the prediction.</param>
/// <param name="Intersection">Ground truth within it; weights count.</param>
/// <param name="Union">Ground truth, and the prediction's pixels where there is none.</param>
public readonly record struct Overlap(float Threshold, int Positive, double Intersection, double Union)
{
    /// <summary>Intersection over union; not a number where there is neither ground truth nor prediction.</summary>
    public double IoU => Intersection / Union;
}

/// <summary>The scores of one sample.</summary>
/// <param name="Fixed">cIoU: half of the picture predicted (Senocak et al., CVPR 2018).</param>
/// <param name="Adaptive">Adaptive cIoU: as much predicted as the ground truth covers (Senocak et al., SSLalign).</param>
/// <param name="TruthSum">Sum of the ground truth.</param>
/// <param name="TruthArea">Its pixels that are not zero.</param>
public readonly record struct SampleScore(Overlap Fixed, Overlap Adaptive, double TruthSum, int TruthArea);

/// <summary>
/// cIoU and adaptive cIoU of one map: sum(P gt) / (sum(gt) + sum(P [gt = 0])). Both thresholds come from one histogram; peers sort the map for each.
/// Allocates nothing per sample. For one thread.
/// </summary>
/// <param name="conventions">Comparison, threshold, adaptive area.</param>
/// <param name="side">Side of the grid.</param>
public sealed class ConsensusIoU(Conventions conventions, int side = Conventions.Side)
{
    private readonly RankSelector _ranks = new(side * side);

    /// <summary>Scores a prediction.</summary>
    /// <param name="prediction">side x side, as <see cref="PredictionMap"/> gives it.</param>
    /// <param name="truth">side x side, 0..1.</param>
    public SampleScore Score(ReadOnlySpan<float> prediction, ReadOnlySpan<float> truth)
    {
        var (sum, area) = Size(truth);
        _ranks.Load(prediction);
        var pixels = prediction.Length;
        var fixedAt = conventions.Threshold == Threshold.Half ? 0.5f : _ranks.At(prediction, pixels / 2);
        var wanted = conventions.AdaptiveArea == AdaptiveArea.Sum ? (int)sum : area;
        var adaptiveAt = _ranks.At(prediction, pixels - (wanted == 0 ? pixels / 2 : wanted));
        return new SampleScore(Cut(prediction, truth, fixedAt, sum), Cut(prediction, truth, adaptiveAt, sum), sum, area);
    }

    /// <summary>Cuts a prediction at a threshold.</summary>
    public Overlap Cut(ReadOnlySpan<float> prediction, ReadOnlySpan<float> truth, float threshold) =>
        Cut(prediction, truth, threshold, Size(truth).Sum);

    private Overlap Cut(ReadOnlySpan<float> prediction, ReadOnlySpan<float> truth, float threshold, double truthSum)
    {
        if (conventions.Comparison == Comparison.LvsOriginal && _ranks.High <= threshold && threshold >= 1)
        {
            return Leftover(prediction, truth, truthSum);
        }

        // Above t is at least the next float: one comparison for both conventions.
        var least = conventions.Comparison == Comparison.AtLeast ? threshold : MathF.BitIncrement(threshold);
        var (limit, zero, one) = (new Vector<float>(least), Vector<float>.Zero, Vector<float>.One);
        var p = MemoryMarshal.Cast<float, Vector<float>>(prediction);
        var t = MemoryMarshal.Cast<float, Vector<float>>(truth);
        var (positive, within, beside) = (zero, zero, zero);
        for (var v = 0; v < p.Length; v++)
        {
            var taken = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(p[v], limit), one, zero);
            positive += taken;
            within += taken * t[v];
            beside += Vector.ConditionalSelect(Vector.Equals(t[v], zero), taken, zero);
        }

        // Whole and half numbers far below 2^24: these sums are exact.
        var (count, inner, outer) = (Vector.Sum(positive), (double)Vector.Sum(within), (double)Vector.Sum(beside));
        for (var i = p.Length * Vector<float>.Count; i < prediction.Length; i++)
        {
            var taken = prediction[i] >= least ? 1 : 0;
            (count, inner, outer) = (count + taken, inner + taken * truth[i], outer + (truth[i] == 0 ? taken : 0));
        }

        return new Overlap(threshold, (int)count, inner, truthSum + outer);
    }

    /// <summary>LVS's corner, a constant map: nothing is above the threshold, and what was 1 or more before stays, with its value as its weight.</summary>
    private static Overlap Leftover(ReadOnlySpan<float> prediction, ReadOnlySpan<float> truth, double truthSum)
    {
        var (inner, total) = (0.0, 0.0);
        for (var i = 0; i < prediction.Length; i++)
        {
            var weight = prediction[i] >= 1 ? prediction[i] : 0;
            (inner, total) = (inner + weight * truth[i], total + weight);
        }

        return new Overlap(prediction[0], (int)Math.Round(total), inner, total > 0 ? total : truthSum);
    }

    private static (double Sum, int Area) Size(ReadOnlySpan<float> truth)
    {
        var (zero, one) = (Vector<float>.Zero, Vector<float>.One);
        var (sums, areas) = (zero, zero);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(truth);
        foreach (var v in vectors)
        {
            sums += v;
            areas += Vector.ConditionalSelect(Vector.Equals(v, zero), zero, one);
        }

        var (sum, area) = ((double)Vector.Sum(sums), Vector.Sum(areas));
        for (var i = vectors.Length * Vector<float>.Count; i < truth.Length; i++)
        {
            (sum, area) = (sum + truth[i], area + (truth[i] == 0 ? 0 : 1));
        }

        return (sum, (int)area);
    }
}
