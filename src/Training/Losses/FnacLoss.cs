using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// FNAC, false negatives (Sun et al., "Learning audio-visual source localization via false negative aware contrastive learning", CVPR 2023; formulas from
/// github.com/OpenNLPLab/FNAC_AVL). Beside EZ-VSL's contrast z: that sounds (FNS 1) and pictures (FNS 2) that are alike stay alike across the modalities,
/// and that true negatives are told apart by what sounds in them (TNE); each is the mean distance of two row-wise softmaxes over the batch:
/// FNS 1 = |softmax(a a' / 0.03) - softmax(z)|, FNS 2 the same of the pictures' mean cells, TNE = |softmax(a a' / 0.03) - softmax(f f' / 0.03)| with f the
/// mean of the cells where the picture's own map, from 0 to 1, is above 0.6.
/// </summary>
public static class FnacLoss
{
    /// <summary>Weight of each term beside the contrast.</summary>
    public const double Weight = 100;

    /// <summary>Epochs of the contrast alone, at first.</summary>
    public const int WarmUp = 3;

    private const double Temperature = EzVslLoss.Temperature, Sounding = 0.6, Epsilon = 1e-5;

    /// <summary>Its terms, without weights.</summary>
    /// <param name="Contrast">EZ-VSL's.</param>
    /// <param name="AlikeSounds">FNS 1.</param>
    /// <param name="AlikePictures">FNS 2.</param>
    /// <param name="TrueNegatives">TNE.</param>
    public readonly record struct Terms(Tensor Contrast, Tensor AlikeSounds, Tensor AlikePictures, Tensor TrueNegatives);

    /// <summary>The terms.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    public static Terms Of(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        var z = EzVslLoss.Best(v, a) / Temperature;
        var across = z.softmax(1);
        var sounds = Alike(a);
        var sounding = Similarity.MinMax(Similarity.Own(v, a), Epsilon).gt(Sounding).to_type(v.dtype).unsqueeze(1);
        return new Terms(
            Similarity.MatchingBothWays(z).MoveToOuterDisposeScope(),
            F.l1_loss(sounds, across).MoveToOuterDisposeScope(),
            F.l1_loss(Alike(v.mean([-2, -1])), across).MoveToOuterDisposeScope(),
            F.l1_loss(sounds, Alike((v * sounding).mean([-2, -1]))).MoveToOuterDisposeScope());
    }

    private static Tensor Alike(Tensor x) => (x.matmul(x.t()) / Temperature).softmax(1);
}
