using System.Numerics.Tensors;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// Cross-modal retrieval on class level: a query is a hit at K if one of its K nearest (dot product) has its class; its own pair is in the gallery.
/// (ssl_kccv's training code; SSLalign's Table V.)
/// </summary>
/// <param name="R1">Share of hits at 1.</param>
/// <param name="R5">Share of hits at 5.</param>
/// <param name="R10">Share of hits at 10.</param>
/// <param name="Queries">Number of queries.</param>
public sealed record Retrieval(double R1, double R5, double R10, int Queries)
{
    /// <summary>Searches the gallery with every query.</summary>
    /// <param name="queries">One vector per sample.</param>
    /// <param name="gallery">One vector per sample of the other modality.</param>
    /// <param name="labels">Class of each sample.</param>
    public static Retrieval Of(IReadOnlyList<float[]> queries, IReadOnlyList<float[]> gallery, IReadOnlyList<string> labels)
    {
        // A hit at K: fewer than K strangers are nearer than the nearest of the query's own class.
        var before = new int[queries.Count];
        Parallel.For(0, queries.Count, q =>
        {
            var similarity = new float[gallery.Count];
            var best = float.NegativeInfinity;
            for (var g = 0; g < gallery.Count; g++)
            {
                similarity[g] = TensorPrimitives.Dot(queries[q], gallery[g]);
                best = labels[g] == labels[q] ? Math.Max(best, similarity[g]) : best;
            }

            for (var g = 0; g < gallery.Count; g++)
            {
                before[q] += labels[g] != labels[q] && similarity[g] > best ? 1 : 0;
            }
        });
        return new Retrieval(Share(1), Share(5), Share(10), queries.Count);

        double Share(int k) => before.Length == 0 ? double.NaN : before.Count(b => b < k) / (double)before.Length;
    }
}

/// <summary>Retrieval in both directions.</summary>
/// <param name="SoundToPicture">A sound looks for pictures.</param>
/// <param name="PictureToSound">A picture looks for sounds.</param>
public sealed record BothWays(Retrieval SoundToPicture, Retrieval PictureToSound)
{
    /// <summary>Searches both ways.</summary>
    /// <param name="pictures">One vector per pair.</param>
    /// <param name="sounds">One vector per pair.</param>
    /// <param name="labels">Class of each pair.</param>
    public static BothWays Of(IReadOnlyList<float[]> pictures, IReadOnlyList<float[]> sounds, IReadOnlyList<string> labels) =>
        new(Retrieval.Of(sounds, pictures, labels), Retrieval.Of(pictures, sounds, labels));
}
