using RealtimeSsl.Inference.Models;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>From a package's settings to its head.</summary>
public static class Heads
{
    /// <summary>Makes the head for the shapes that the trunks give.</summary>
    /// <param name="image">Image map [1, C, rows, cols].</param>
    /// <param name="audio">Audio map [1, C, h, w], or vector [1, C].</param>
    /// <param name="settings">Which head, pooling and temperature.</param>
    /// <exception cref="InferenceException">The shapes do not belong together.</exception>
    public static IHead Make(IReadOnlyList<long> image, IReadOnlyList<long> audio, HeadSettings settings) => settings.Id switch
    {
        HeadKind.Scores => new ScoresHead(image),
        HeadKind.SoftAttention => new SoftAttentionHead(image, audio, settings),
        _ => new CosineHead(image, audio, settings),
    };
}
