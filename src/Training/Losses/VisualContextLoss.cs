using static TorchSharp.torch;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// Visual context (Zhou et al., "Exploiting visual context semantics for sound source localization", WACV 2023). Only a survey's account was readable (no. 29 there):
/// beside EZ-VSL's contrast, R region maps of the picture alone (a 1x1 convolution each) gather R region features; those are ordered by their cosine
/// with the sound, the best p against the worst q: context = -mean log(e^P / (e^P + e^Q)), P and Q the means of their cosines; and the best region's map
/// and the cosine map are held together by their Jensen-Shannon divergence. Which normalisation and temperatures the paper has was not readable: region
/// maps are a softmax over the cells, and so is the cosine map at EZ-VSL's temperature.
/// </summary>
public static class VisualContextLoss
{
    /// <summary>Its two terms.</summary>
    /// <param name="Context">Best regions against worst.</param>
    /// <param name="Consistency">Best region's map against the cosine map.</param>
    public readonly record struct Terms(Tensor Context, Tensor Consistency);

    /// <summary>The terms.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    /// <param name="regions">Region maps before their softmax [N, R, h, w].</param>
    /// <param name="best">How many of the best regions are positives.</param>
    /// <param name="worst">How many of the worst are negatives.</param>
    public static Terms Of(Tensor v, Tensor a, Tensor regions, int best, int worst)
    {
        using var scope = NewDisposeScope();
        var shares = regions.flatten(2).softmax(2);
        var gathered = einsum("nrp,ncp->nrc", shares, v.flatten(2));
        var likeness = einsum("nrc,nc->nr", nn.functional.normalize(gathered, dim: 2), a);
        var (ordered, order) = likeness.sort(1, descending: true);
        var positive = ordered.narrow(1, 0, best).mean([1]);
        var negative = ordered.narrow(1, ordered.shape[1] - worst, worst).mean([1]);
        var context = nn.functional.softplus(negative - positive).mean();

        var index = order.narrow(1, 0, 1).unsqueeze(2).expand(-1, -1, shares.shape[2]);
        var bestMap = shares.gather(1, index).squeeze(1);
        var cosine = (Similarity.Own(v, a).flatten(1) / EzVslLoss.Temperature).softmax(1);
        return new Terms(context.MoveToOuterDisposeScope(), Divergence(bestMap, cosine).MoveToOuterDisposeScope());
    }

    /// <summary>Jensen-Shannon divergence of the rows of two distributions, mean over the rows.</summary>
    private static Tensor Divergence(Tensor p, Tensor q)
    {
        var middle = ((p + q) / 2).clamp_min(1e-12).log();
        return ((p.xlogy(p) - (p * middle) + q.xlogy(q) - (q * middle)).sum(1) / 2).mean();
    }
}
