using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// SSPL, no negatives (Song et al., "Self-supervised predictive learning", CVPR 2022; formulas from github.com/zjsong/SSPL, sspl_w_pcm/main.py and
/// models/criterions.py; the head is SimSiam's, Chen and He, CVPR 2021): two views of a picture, each pooled by where it answers the sound, predict each
/// other: -(cos(p1, z2) + cos(p2, z1)) / 2, no gradient through z.
/// </summary>
public static class SimSiamLoss
{
    /// <summary>The loss.</summary>
    /// <param name="p1">Prediction from the first view [N, D].</param>
    /// <param name="p2">Prediction from the second view.</param>
    /// <param name="z1">Projection of the first view.</param>
    /// <param name="z2">Projection of the second view.</param>
    public static Tensor Of(Tensor p1, Tensor p2, Tensor z1, Tensor z2)
    {
        using var scope = NewDisposeScope();
        var (one, other) = (F.cosine_similarity(p1, z2.detach()), F.cosine_similarity(p2, z1.detach()));
        return ((one.mean() + other.mean()) / -2).MoveToOuterDisposeScope();
    }

    /// <summary>Cells summed by how well they answer the sound: sum of minmax(S) v over the cells, [N, C].</summary>
    /// <param name="map">Picture map [N, C, h, w] as it is.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    public static Tensor Attended(Tensor map, Tensor a)
    {
        using var scope = NewDisposeScope();
        var attention = Similarity.MinMax(Similarity.Own(Similarity.Unit(map), a), 1e-10);
        return einsum("nchw,nhw->nc", map, attention).MoveToOuterDisposeScope();
    }
}
