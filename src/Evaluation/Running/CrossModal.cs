using System.Numerics.Tensors;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>Retrieval, alignment and magnitude over a set, from the backbone's embeddings.</summary>
internal static class CrossModal
{
    public static (Retrieval? SoundToPicture, Retrieval? PictureToSound, ModalityGap? Gap) Of(IReadOnlyList<(BenchmarkSample Sample, SampleMaps Maps)> samples)
    {
        var pairs = samples.Where(s => s.Sample.Sounds && s.Maps.PictureVector.Length > 0).ToArray();
        if (pairs.Length == 0)
        {
            return (null, null, null);
        }

        // The picture's vector is the mean of unit vectors, not brought to length 1 again; the sound's is: as in the authors' code.
        var pictures = Array.ConvertAll(pairs, p => p.Maps.PictureVector);
        var sounds = Array.ConvertAll(pairs, p => Unit(p.Maps.SoundVector));
        var gap = ModalityGap.Of(pictures, sounds);
        if (pairs.Any(p => p.Sample.Class is null))
        {
            return (null, null, gap);
        }

        var labels = Array.ConvertAll(pairs, p => p.Sample.Class!);
        return (Retrieval.Of(sounds, pictures, labels), Retrieval.Of(pictures, sounds, labels), gap);
    }

    private static float[] Unit(float[] vector)
    {
        var unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm<float>(vector), 1e-12f), unit);
        return unit;
    }
}
