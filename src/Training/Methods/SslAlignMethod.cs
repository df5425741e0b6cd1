using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// SSLalign (Senocak et al., ICCV 2023): <see cref="SslAlignLoss"/> over three views of each picture (own, strongly augmented, a neighbour) and of each
/// sound. Without neighbours there are two views and four pairs, and the sum is brought to the weight of nine, so that one learning rate serves both.
/// The projections see the global maximum of the raw maps (the paper's text says mean; its code takes the maximum, and so do its weights).
/// </summary>
public sealed class SslAlignMethod(MethodOptions options) : AvNetMethod(options, aligned: true)
{
    private const int PublishedPairs = 9;

    /// <inheritdoc/>
    public override string Id => "sslalign";

    /// <inheritdoc/>
    public override bool TakesNeighbours => Options.Neighbours;

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) =>
        TakesNeighbours ? ViewPlans.SslAlign(image, audio, pictures, sounds) : ViewPlans.SslAlign(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var pictures = input.Pictures.Select(Seen).ToList();
        var sounds = input.Sounds.Select(HeardBoth).ToList();
        var weight = (double)PublishedPairs / (pictures.Count * sounds.Count);
        var pairs = pictures.SelectMany(_ => sounds, (p, s) => (Picture: p, Sound: s)).ToList();
        var terms = new List<(string, Tensor)> { ("localisation", Sum(pairs.Select(p => SslAlignLoss.Localisation(p.Picture.Cells, p.Sound.Vector))) * weight) };
        if (Options.Alignment)
        {
            terms.Add(("alignment", Sum(pairs.Select(p => SslAlignLoss.Alignment(p.Picture.Projected, p.Sound.Projected))) * weight));
        }

        if (Options.Intra)
        {
            var others = pictures.Skip(1).Select(p => SslAlignLoss.Alignment(pictures[0].Projected, p.Projected))
                .Concat(sounds.Skip(1).Select(s => SslAlignLoss.Alignment(sounds[0].Projected, s.Projected)));
            terms.Add(("intra", Sum(others)));
        }

        return StepLoss.Of([.. terms]);
    }

    /// <summary>The projected global features, which the alignment contrast compares; without that contrast as all cosine methods.</summary>
    public override (Tensor Pictures, Tensor Sounds) Embed(Tensor pictures, Tensor sounds)
    {
        if (!Options.Alignment)
        {
            return base.Embed(pictures, sounds);
        }

        return Both(() => (Seen(pictures).Projected, HeardBoth(sounds).Projected));
    }

    private (Tensor Cells, Tensor Projected) Seen(Tensor pictures)
    {
        var map = Trunks.PictureMap(pictures);
        return (Similarity.Unit(map), Similarity.Unit(Trunks.ProjectPicture(TwoTrunks.Peak(map))));
    }

    private (Tensor Vector, Tensor Projected) HeardBoth(Tensor sounds)
    {
        var vector = Trunks.SoundVector(sounds);
        return (Similarity.Unit(vector), Similarity.Unit(Trunks.ProjectSound(vector)));
    }

    private static Tensor Sum(IEnumerable<Tensor> terms) => terms.Aggregate((a, b) => a + b);
}
