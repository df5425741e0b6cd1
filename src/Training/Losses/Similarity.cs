using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// What all losses here are made of. Notation: v [N, C, h, w] picture maps and a [N, C] sound vectors, of length 1 over C; S[n] = v[n]·a[n] [N, h, w];
/// A[n, k] = v[n]·a[k] [N, N, h, w], each picture with each sound of the batch. Sums of many exponentials, so never in 16 bits.
/// </summary>
public static class Similarity
{
    /// <summary>To length 1 over the channels (axis 1), at 32 bits or more.</summary>
    public static Tensor Unit(Tensor x)
    {
        using var scope = NewDisposeScope();
        return F.normalize(Full(x)).MoveToOuterDisposeScope();
    }

    /// <summary>16-bit features as 32-bit ones; others as they are.</summary>
    public static Tensor Full(Tensor x) => x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to_type(ScalarType.Float32) : x.alias();

    /// <summary>S[n, y, x]: each picture with its own sound.</summary>
    public static Tensor Own(Tensor v, Tensor a) => einsum("nchw,nc->nhw", v, a);

    /// <summary>A[n, k, y, x]: each picture with each sound.</summary>
    public static Tensor Cross(Tensor v, Tensor a) => einsum("nchw,kc->nkhw", v, a);

    /// <summary>Mean over the last two axes, weighted.</summary>
    public static Tensor WeightedMean(Tensor map, Tensor weight)
    {
        using var scope = NewDisposeScope();
        return ((map * weight).sum([-2, -1]) / weight.sum([-2, -1])).MoveToOuterDisposeScope();
    }

    /// <summary>Soft threshold: sigmoid((x - limit) / temperature).</summary>
    public static Tensor Above(Tensor x, double limit, double temperature)
    {
        using var scope = NewDisposeScope();
        return ((x - limit) / temperature).sigmoid().MoveToOuterDisposeScope();
    }

    /// <summary>Each map's values from 0 to 1: (x - min) / (max - min + epsilon) over the last two axes of [N, h, w].</summary>
    public static Tensor MinMax(Tensor map, double epsilon)
    {
        using var scope = NewDisposeScope();
        var low = map.amin([-2, -1], keepdim: true);
        return ((map - low) / (map.amax([-2, -1], keepdim: true) - low + epsilon)).MoveToOuterDisposeScope();
    }

    /// <summary>Cross entropy of rows of logits [N, N] whose answer is the diagonal: picture n belongs to sound n.</summary>
    public static Tensor Matching(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return F.cross_entropy(logits, arange(logits.shape[0], device: logits.device)).MoveToOuterDisposeScope();
    }

    /// <summary>Both ways: pictures to sounds and sounds to pictures, summed.</summary>
    public static Tensor MatchingBothWays(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return (Matching(logits) + Matching(logits.t())).MoveToOuterDisposeScope();
    }
}
