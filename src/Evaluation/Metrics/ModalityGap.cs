using System.Numerics.Tensors;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// How near picture and sound of a pair lie to each other (SSLalign's Table VI, which names both measures and gives no formula): alignment, the mean
/// cosine of the pairs; magnitude, mean and deviation of their distance |v - a|. All vectors are brought to length 1 before.
/// </summary>
/// <param name="Alignment">Mean cosine; higher is better.</param>
/// <param name="Magnitude">Mean distance; lower is better.</param>
/// <param name="Deviation">Its standard deviation.</param>
/// <param name="Centres">Distance of the two modalities' mean vectors (Liang et al., NeurIPS 2022).</param>
public sealed record ModalityGap(double Alignment, double Magnitude, double Deviation, double Centres)
{
    /// <summary>Computes it.</summary>
    public static ModalityGap Of(IReadOnlyList<float[]> pictures, IReadOnlyList<float[]> sounds)
    {
        if (pictures.Count == 0)
        {
            return new ModalityGap(double.NaN, double.NaN, double.NaN, double.NaN);
        }

        var (v, a) = (pictures.Select(Unit).ToArray(), sounds.Select(Unit).ToArray());
        var distances = v.Zip(a, (x, y) => (double)TensorPrimitives.Distance<float>(x, y)).ToArray();
        var mean = distances.Average();
        return new ModalityGap(
            v.Zip(a, (x, y) => (double)TensorPrimitives.Dot<float>(x, y)).Average(),
            mean,
            Math.Sqrt(distances.Average(d => (d - mean) * (d - mean))),
            TensorPrimitives.Distance<float>(Centre(v), Centre(a)));
    }

    private static float[] Unit(float[] vector)
    {
        var unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm<float>(vector), 1e-12f), unit);
        return unit;
    }

    private static float[] Centre(float[][] vectors)
    {
        var sum = new float[vectors[0].Length];
        foreach (var vector in vectors)
        {
            TensorPrimitives.Add(sum, vector, sum);
        }

        TensorPrimitives.Divide(sum, vectors.Length, sum);
        return sum;
    }
}
