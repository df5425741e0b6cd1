using static TorchSharp.torch;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// MarginNCE (Park et al., "MarginNCE: robust sound localization with a negative margin", ICASSP 2023). Only the abstract and a survey's account were
/// readable: a contrast in which the positive's similarity is reduced by a margin m, here negative, so that it counts as larger by |m| and pairs that
/// do not belong together do less harm. Taken in the usual form, the margin in numerator and denominator, over EZ-VSL's scores:
/// z[n, k] = (max A[n, k] - m [n = k]) / 0.03, cross entropy with the diagonal, both ways. The paper's m was not readable.
/// </summary>
public static class MarginNceLoss
{
    /// <summary>The loss.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    /// <param name="margin">Taken off the positive's cosine.</param>
    public static Tensor Of(Tensor v, Tensor a, double margin)
    {
        using var scope = NewDisposeScope();
        var best = EzVslLoss.Best(v, a);
        var eased = best - (margin * eye(best.shape[0], dtype: best.dtype, device: best.device));
        return Similarity.MatchingBothWays(eased / EzVslLoss.Temperature).MoveToOuterDisposeScope();
    }
}
