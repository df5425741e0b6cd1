using System.Numerics.Tensors;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>A sample of an Extended set.</summary>
/// <param name="Confidence">How sure the model is that anything sounds here.</param>
/// <param name="IoU">cIoU; without meaning where nothing sounds.</param>
/// <param name="Sounds">Whether there is ground truth; if not, whatever is detected is wrong.</param>
public readonly record struct ExtendedSample(double Confidence, double IoU, bool Sounds);

/// <summary>
/// SLAVC's (NeurIPS 2022) measures on sets that hold pictures whose sound comes from elsewhere: average precision, best F1, and the accuracy on
/// what does sound. A detection is a sample whose confidence reaches a threshold. Nothing sounds: a detection is a false positive. Something does:
/// right place, true positive; wrong place, false positive (and no false negative, so recall is not monotone); no detection, false negative.
/// </summary>
public static class ExtendedScores
{
    private const double Right = 0.5;

    /// <summary>
    /// Confidence of a map: the mean of the highest quarter of its pixels on the scale (cos + 1) / 2, before any stretch.
    /// </summary>
    /// <param name="scores">The upsampled scores, on that scale.</param>
    /// <param name="ranks">Buffers.</param>
    public static double Confidence(ReadOnlySpan<float> scores, RankSelector ranks)
    {
        ranks.Load(scores);
        var quarter = scores.Length / 4;
        var least = ranks.At(scores, scores.Length - quarter);
        var (sum, count) = (0.0, 0);
        foreach (var score in scores)
        {
            if (score > least)
            {
                sum += score;
                count++;
            }
        }

        // What ties with the last of the quarter is taken as often as there is room.
        return (sum + (quarter - count) * (double)least) / quarter;
    }

    /// <summary>To the scale of the confidence, in place.</summary>
    /// <param name="scores">Cosine / temperature.</param>
    /// <param name="temperature">Of the head.</param>
    public static void Rescale(Span<float> scores, float temperature)
    {
        TensorPrimitives.Add(scores, 1 / temperature, scores);
        TensorPrimitives.Divide(scores, 2 / temperature, scores);
    }

    /// <summary>Precision, recall and F1 at a confidence.</summary>
    public static (double Precision, double Recall, double F1) At(IReadOnlyCollection<ExtendedSample> samples, double confidence)
    {
        var (right, wrong, missed) = (0, 0, 0);
        foreach (var s in samples)
        {
            var detected = s.Confidence >= confidence;
            right += detected && s.Sounds && s.IoU >= Right ? 1 : 0;
            wrong += detected && !(s.Sounds && s.IoU >= Right) ? 1 : 0;
            missed += !detected && s.Sounds ? 1 : 0;
        }

        var precision = right + wrong == 0 ? 1 : right / (double)(right + wrong);
        var recall = right + missed == 0 ? 1 : right / (double)(right + missed);
        return (precision, recall, precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0);
    }

    /// <summary>Average precision: over falling confidences, the best precision from there on times the gain in recall.</summary>
    public static double AveragePrecision(IReadOnlyCollection<ExtendedSample> samples)
    {
        // The highest confidence is left out, as in the authors' code, and of large sets every n/200th is taken.
        var confidences = samples.Select(s => s.Confidence).OrderDescending().Skip(1).ToArray();
        var step = Math.Max(1, samples.Count / 200);
        var curve = confidences.Where((_, i) => i % step == 0).Select(c => At(samples, c)).ToArray();
        var (area, best) = (0.0, 0.0);
        for (var i = curve.Length - 1; i >= 0; i--)
        {
            best = Math.Max(best, curve[i].Precision);
            area += i + 1 < curve.Length ? best * (curve[i + 1].Recall - curve[i].Recall) : 0;
        }

        return area;
    }

    /// <summary>The thresholds at which F1 is looked at: every tenth of the confidences.</summary>
    public static IReadOnlyList<double> F1Thresholds(IReadOnlyCollection<ExtendedSample> samples)
    {
        var step = Math.Max(1, samples.Count / 10);
        return [.. samples.Select(s => s.Confidence).Order().Where((_, i) => i % step == 0)];
    }

    /// <summary>The best F1 over <see cref="F1Thresholds"/>.</summary>
    public static double MaxF1(IReadOnlyCollection<ExtendedSample> samples) =>
        F1Thresholds(samples).Select(c => At(samples, c).F1).DefaultIfEmpty(double.NaN).Max();

    /// <summary>Share of what sounds that is localized: IoU above 0.5 (strictly, as printed by the authors' code).</summary>
    public static double LocAcc(IReadOnlyCollection<ExtendedSample> samples)
    {
        var sounding = samples.Where(s => s.Sounds).ToArray();
        return sounding.Length == 0 ? double.NaN : sounding.Count(s => s.IoU > Right) / (double)sounding.Length;
    }
}
