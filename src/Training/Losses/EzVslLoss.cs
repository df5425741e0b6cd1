using static TorchSharp.torch;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// EZ-VSL, multiple-instance contrast (Mo and Morgado, "Localizing visual sounds the easy way", ECCV 2022; formula from model.py of
/// github.com/stoneMo/EZ-VSL): z[n, k] = max over cells of A[n, k] / 0.03, cross entropy with the diagonal, both ways.
/// </summary>
public static class EzVslLoss
{
    /// <summary>Of the contrast and of the published heatmap.</summary>
    public const double Temperature = 0.03;

    /// <summary>The loss.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    /// <param name="temperature">Divides the cosine.</param>
    public static Tensor Of(Tensor v, Tensor a, double temperature = Temperature)
    {
        using var scope = NewDisposeScope();
        return Similarity.MatchingBothWays(Best(v, a) / temperature).MoveToOuterDisposeScope();
    }

    /// <summary>The best cell's cosine, [N, N].</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    public static Tensor Best(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        return Similarity.Cross(v, a).flatten(2).max(2).values.MoveToOuterDisposeScope();
    }
}
