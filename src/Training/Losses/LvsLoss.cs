using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// LVS, the tri-map contrast (Chen et al., "Localizing visual sounds the hard way", CVPR 2021; formula from model.py of
/// github.com/hche11/Localizing-Visual-Sounds-the-Hard-Way, whose training loop is not published). Of each picture's own map the surely sounding cells
/// are the positive, the surely silent ones the hard negative, what lies between is left out; other sounds' cells are the easy negatives:
/// P = mean of S weighted by sigmoid((S - 0.65) / 0.03), H = weighted by 1 - sigmoid((S - 0.4) / 0.03), E[n, k] as P of A[n, k];
/// logits = [P, E, H] / 0.07, cross entropy with the first as the answer. E's own column is multiplied by -99, as in the code, so that it vanishes.
/// </summary>
public static class LvsLoss
{
    /// <summary>The paper's limits and temperatures.</summary>
    public const double Positive = 0.65, Negative = 0.4, Softness = 0.03, Temperature = 0.07;

    /// <summary>The loss.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    public static Tensor Of(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        return FirstOf(Logits(v, a)).MoveToOuterDisposeScope();
    }

    /// <summary>Its logits [N, N + 2].</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    public static Tensor Logits(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        var own = Similarity.Own(v, a);
        var hard = Similarity.WeightedMean(own, 1 - Similarity.Above(own, Negative, Softness));
        var easy = Masked(v, a);
        var mask = 1 - (100 * eye(easy.shape[0], dtype: easy.dtype, device: easy.device));
        var positive = easy.diagonal();
        return (cat([positive.unsqueeze(1), easy * mask, hard.unsqueeze(1)], 1) / Temperature).MoveToOuterDisposeScope();
    }

    /// <summary>Softly masked means [N, N] of each picture's map with each sound: P on the diagonal, E beside it.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    public static Tensor Masked(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        var all = Similarity.Cross(v, a);
        return Similarity.WeightedMean(all, Similarity.Above(all, Positive, Softness)).MoveToOuterDisposeScope();
    }

    /// <summary>Cross entropy whose answer is the first column.</summary>
    internal static Tensor FirstOf(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return F.cross_entropy(logits, zeros([logits.shape[0]], ScalarType.Int64, logits.device)).MoveToOuterDisposeScope();
    }
}
