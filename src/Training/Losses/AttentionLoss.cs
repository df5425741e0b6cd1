using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// Attention (Senocak et al., "Learning to localize sound source in visual scenes", CVPR 2018 and TPAMI 2021; formulas from losses.py of
/// github.com/ardasnck/learning_to_localize_sound_source). Unsupervised: what the picture's attended features predict is nearer to its own sound than to
/// another's; the two distances' softmax against (0, 1), squared. Supervised: cross entropy of the attention with the annotators' map. Semi-supervised:
/// their sum where there are annotations.
/// </summary>
public static class AttentionLoss
{
    /// <summary>The unsupervised triplet.</summary>
    /// <param name="picture">What the picture predicts of the sound [N, D].</param>
    /// <param name="own">Its sound's features [N, D].</param>
    /// <param name="other">Another sound's features.</param>
    public static Tensor Triplet(Tensor picture, Tensor own, Tensor other)
    {
        using var scope = NewDisposeScope();
        var shares = stack([F.pairwise_distance(picture, own), F.pairwise_distance(picture, other)], 1).softmax(1);
        var wanted = tensor(new double[] { 0, 1 }, shares.dtype, shares.device);
        return (shares - wanted).square().mean().MoveToOuterDisposeScope();
    }

    /// <summary>The supervised term: mean over the batch of -sum g log attention, 0 for pictures without annotation.</summary>
    /// <param name="attention">Softmax over the cells [N, h, w].</param>
    /// <param name="truth">Where the source is, 0..1 over the picture [N, H, W]; anything negative in a picture that is not annotated.</param>
    public static Tensor Supervised(Tensor attention, Tensor truth)
    {
        using var scope = NewDisposeScope();
        var cells = F.interpolate(truth.unsqueeze(1).to_type(attention.dtype), attention.shape[1..], mode: InterpolationMode.Area).squeeze(1);
        var known = cells.amin([-2, -1]).ge(0).to_type(attention.dtype);
        var share = cells / cells.sum([-2, -1], keepdim: true).clamp_min(1e-6);
        return (-(share * attention.log()).sum([-2, -1]) * known).mean().MoveToOuterDisposeScope();
    }
}
