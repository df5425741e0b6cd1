using System.Numerics.Tensors;
using RealtimeSsl.Inference.Models;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// Soft attention (Senocak et al., CVPR 2018): the softmax over all cells of relu(cosine) / tau. The scores of a map add up to 1: of n cells, each is
/// 1/n if nothing stands out, and none is above e^(1/tau) / (e^(1/tau) + n - 1) or below 1 / (1 + (n - 1) e^(1/tau)). With 20 x 20 cells and tau = 1:
/// 0.0025, at most 0.0068, at least 0.0009; a package's score_range must be on that scale. Since a map that adds up to 1 always lights something,
/// presence comes from the best cosine (<see cref="Evidence"/>).
/// </summary>
public sealed class SoftAttentionHead : IHead
{
    private readonly CosineHead _cosine;
    private readonly float _temperature;

    /// <summary>Makes the head for the shapes that the trunks give.</summary>
    /// <param name="image">Image map [1, C, rows, cols].</param>
    /// <param name="audio">Audio map [1, C, h, w], or vector [1, C].</param>
    /// <param name="settings">Pooling and temperature.</param>
    /// <exception cref="InferenceException">The shapes do not belong together.</exception>
    public SoftAttentionHead(IReadOnlyList<long> image, IReadOnlyList<long> audio, HeadSettings settings) =>
        (_cosine, _temperature) = (new CosineHead(image, audio, settings with { Temperature = 1 }), settings.Temperature);

    /// <inheritdoc/>
    public int Rows => _cosine.Rows;

    /// <inheritdoc/>
    public int Cols => _cosine.Cols;

    /// <inheritdoc/>
    public float? Evidence { get; private set; }

    /// <inheritdoc/>
    public void SetAudio(ReadOnlySpan<float> embedding) => _cosine.SetAudio(embedding);

    /// <inheritdoc/>
    public void Map(ReadOnlySpan<float> image, Span<float> scores)
    {
        _cosine.Map(image, scores);
        TensorPrimitives.Max(scores, 0f, scores);
        var best = TensorPrimitives.Max(scores);
        Evidence = best;

        // Differences to the best one: no temperature, however small, overflows.
        TensorPrimitives.Subtract(scores, best, scores);
        TensorPrimitives.Divide(scores, _temperature, scores);
        TensorPrimitives.Exp(scores, scores);
        TensorPrimitives.Divide(scores, TensorPrimitives.Sum(scores), scores);
    }
}
