using static TorchSharp.torch;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// SSLalign (Senocak et al., "Sound source localization is all about cross-modal alignment", ICCV 2023, and its longer version; formula from Alignment/
/// of github.com/kaistmm/ssl_kccv). Every view of the picture with every view of the sound (three each: nine pairs), and for each pair two contrasts over
/// the batch: localisation, the softly masked mean of the map (<see cref="LvsLoss.Masked"/>), and alignment, the cosine of the projected global
/// features; both / 0.07, one way (each picture against all sounds), all 18 summed without weights.
/// </summary>
public static class SslAlignLoss
{
    /// <summary>Of both contrasts.</summary>
    public const double Temperature = 0.07;

    /// <summary>The localisation contrast of one pair of views.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    public static Tensor Localisation(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        return Similarity.Matching(LvsLoss.Masked(v, a) / Temperature).MoveToOuterDisposeScope();
    }

    /// <summary>The alignment contrast of one pair of views; also between two views of the same kind (the code's option <c>intra</c>).</summary>
    /// <param name="p">Projected vectors [N, D], of length 1.</param>
    /// <param name="q">Likewise.</param>
    public static Tensor Alignment(Tensor p, Tensor q)
    {
        using var scope = NewDisposeScope();
        return Similarity.Matching(p.matmul(q.t()) / Temperature).MoveToOuterDisposeScope();
    }
}
