using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// Audio-visual correspondence with a map: does this sound belong to this picture, answered by the best cell. AVOL-Net (Arandjelovic and Zisserman,
/// "Objects that sound", ECCV 2018; not read but through a survey: scalar products of the sound with all cells, sigmoid, maximum, correspondence loss);
/// DSOL's first stage is the same (github.com/DTaoo/DSOL), and so is SPM's localisation, with the sigmoid of its equation 4. Binary cross entropy of the
/// matching pairs and of all mismatching pairs of the batch, half and half.
/// </summary>
public static class CorrespondenceLoss
{
    /// <summary>The loss.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    /// <param name="gain">Of the cosine before the sigmoid: learned (AVOL), or 1 / temperature (SPM).</param>
    /// <param name="shift">Added to that: learned (AVOL), or -limit / temperature (SPM).</param>
    public static Tensor Of(Tensor v, Tensor a, Tensor gain, Tensor shift)
    {
        using var scope = NewDisposeScope();

        // The sigmoid rises, so the best cell is the best before it, too.
        var logits = ((Similarity.Cross(v, a) * gain) + shift).flatten(2).max(2).values;
        var matching = eye(logits.shape[0], dtype: logits.dtype, device: logits.device);
        var each = F.binary_cross_entropy_with_logits(logits, matching, reduction: nn.Reduction.None);
        var others = 1 - matching;
        return (((each * matching).sum() / matching.sum() + (each * others).sum() / others.sum()) / 2).MoveToOuterDisposeScope();
    }
}
