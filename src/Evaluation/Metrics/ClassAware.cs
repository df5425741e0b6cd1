using System.Numerics.Tensors;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// DSOL's (NeurIPS 2020) measures of methods with one map per class: each sounding class against its own boxes, and how dark the silent ones stay.
/// </summary>
public static class ClassAware
{
    /// <summary>A pixel up to here is dark.</summary>
    private const float Dark = 0.2f;

    /// <summary>IoU of one map cut at a part of its maximum: 0.5 on MUSIC solos and synthetic duets, 0.2 on real duets.</summary>
    /// <param name="map">Scores from 0 on.</param>
    /// <param name="truth">0 or 1.</param>
    /// <param name="part">Of the maximum.</param>
    /// <param name="atLeast">Pixels at the threshold belong to the prediction, too.</param>
    public static double IoU(ReadOnlySpan<float> map, ReadOnlySpan<float> truth, double part = 0.5, bool atLeast = false)
    {
        var limit = part * TensorPrimitives.Max(map);
        var (both, either) = (0, 0);
        for (var i = 0; i < map.Length; i++)
        {
            var (a, b) = (atLeast ? map[i] >= limit : map[i] > limit, truth[i] != 0);
            both += a && b ? 1 : 0;
            either += a || b ? 1 : 0;
        }

        return either == 0 ? double.NaN : both / (double)either;
    }

    /// <summary>CIoU of a picture: the mean over its sounding classes.</summary>
    /// <param name="ious">IoU of each class; only sounding ones.</param>
    public static double CIoU(IReadOnlyCollection<double> ious) => ious.Count == 0 ? double.NaN : ious.Average();

    /// <summary>NSA of a picture: the mean over its silent classes of the share of pixels at 0.2 or below.</summary>
    /// <param name="silent">Maps of the classes that do not sound, 0..1.</param>
    public static double Nsa(IReadOnlyCollection<float[]> silent) =>
        silent.Count == 0 ? double.NaN : silent.Average(map => map.Count(v => v <= Dark) / (double)map.Length);
}
