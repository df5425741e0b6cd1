using static TorchSharp.torch;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// SLAVC (Mo and Morgado, "A closer look at weakly-supervised audio-visual source localization", NeurIPS 2022; formula from model.py of
/// github.com/stoneMo/SLAVC). Two spaces: which sound belongs to this cell (softmax over the batch's sounds, space 1) and which cell to this sound
/// (softmax over the cells, space 2); their product summed over the cells scores a pair. One side of each pair is from the momentum networks and has no
/// gradient; cross entropy of the logarithm (and so once more normalised over the sounds), for both assignments, summed.
/// </summary>
public static class SlavcLoss
{
    /// <summary>Of both softmaxes and of the published heatmap.</summary>
    public const double Temperature = 0.03;

    /// <summary>A picture's or sounds' features in both spaces, of length 1 over the channels.</summary>
    public readonly record struct Dual(Tensor Correspondence, Tensor Localisation);

    /// <summary>The loss.</summary>
    /// <param name="v">Picture maps, trained.</param>
    /// <param name="a">Sound vectors, trained.</param>
    /// <param name="v0">Picture maps of the momentum networks.</param>
    /// <param name="a0">Sound vectors of the momentum networks.</param>
    public static Tensor Of(Dual v, Dual a, Dual v0, Dual a0)
    {
        using var scope = NewDisposeScope();
        return (Half(v, a0) + Half(v0, a)).MoveToOuterDisposeScope();
    }

    private static Tensor Half(Dual v, Dual a)
    {
        using var scope = NewDisposeScope();
        var sounds = (Similarity.Cross(v.Correspondence, a.Correspondence).flatten(2) / Temperature).softmax(1);
        var cells = (Similarity.Cross(v.Localisation, a.Localisation).flatten(2) / Temperature).softmax(2);
        return Similarity.Matching((sounds * cells).sum(2).log()).MoveToOuterDisposeScope();
    }
}
