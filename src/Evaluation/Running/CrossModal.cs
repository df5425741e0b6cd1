using System.Numerics.Tensors;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// Retrieval, alignment and magnitude over a set: from the backbone's embeddings, which the heatmap compares, and from the package's projections, if it has any.
/// </summary>
/// <param name="Backbone">Retrieval by what the heatmap compares; null without embeddings and classes.</param>
/// <param name="Projected">Retrieval by projections; null without them and classes.</param>
/// <param name="Gap">Of the backbone; null without embeddings.</param>
internal sealed record CrossModal(BothWays? Backbone, BothWays? Projected, ModalityGap? Gap)
{
    public static CrossModal Of(IReadOnlyList<(BenchmarkSample Sample, SampleMaps Maps)> samples)
    {
        var pairs = samples.Where(s => s.Sample.Sounds && s.Maps.PictureVector.Length > 0).ToArray();
        if (pairs.Length == 0)
        {
            return new CrossModal(null, null, null);
        }

        // The picture's vector is the mean of unit vectors, not brought to length 1 again; the sound's is: as in the authors' code.
        var pictures = Array.ConvertAll(pairs, p => p.Maps.PictureVector);
        var sounds = Array.ConvertAll(pairs, p => Unit(p.Maps.SoundVector));
        var gap = ModalityGap.Of(pictures, sounds);
        if (pairs.Any(p => p.Sample.Class is null))
        {
            return new CrossModal(null, null, gap);
        }

        var labels = Array.ConvertAll(pairs, p => p.Sample.Class!);
        var projected = pairs.All(p => p.Maps.PictureProjected.Length > 0)
            ? BothWays.Of(Array.ConvertAll(pairs, p => p.Maps.PictureProjected), Array.ConvertAll(pairs, p => p.Maps.SoundProjected), labels)
            : null;
        return new CrossModal(BothWays.Of(pictures, sounds, labels), projected, gap);
    }

    private static float[] Unit(float[] vector)
    {
        var unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm<float>(vector), 1e-12f), unit);
        return unit;
    }
}
