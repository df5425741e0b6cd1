using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// A small network of our own for CPUs and first steps: two <see cref="CompactTrunk"/>, both projected, and EZ-VSL's contrast over a soft maximum. No method of the
/// literature; it learns in minutes what fills a simple scene.
/// </summary>
public sealed class CompactMethod : CosineMethod
{
    /// <summary>Name of the method.</summary>
    public const string Name = "compact";

    private const int Shared = 64;

    /// <summary>Softer than EZ-VSL's 0.03: scenes of few kinds of things have many pairs alike in a batch.</summary>
    private const double Temperature = 0.05;
    private readonly TwoTrunks _trunks = TwoTrunks.Projected(new CompactTrunk(3), new CompactTrunk(1), CompactTrunk.Channels, Shared);

    /// <inheritdoc/>
    public override string Id => Name;

    /// <inheritdoc/>
    public override nn.Module Network => _trunks;

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of((Name, Similarity.MatchingBothWays(SoftBest(v, a, Softness(input.Step)) / Temperature)));
    }

    /// <summary>Soft at first, nearly hard after some hundred steps: what is soft rewards a thing's surroundings, too.</summary>
    private static double Softness(long step) => 0.02 + 0.08 * Math.Exp(-step / 250.0);

    /// <summary>
    /// Nearly the best cell's cosine, [N, N]: the logarithm of the cells' mean exponential. From random weights the one best cell of EZ-VSL is any cell; here all
    /// of them learn until one stands out.
    /// </summary>
    private static Tensor SoftBest(Tensor v, Tensor a, double softness)
    {
        using var scope = NewDisposeScope();
        var cells = Similarity.Cross(v, a).flatten(2);
        return ((cells / softness).logsumexp(2) - Math.Log(cells.shape[2])).mul(softness).MoveToOuterDisposeScope();
    }

    /// <summary>How its weights become a package.</summary>
    /// <param name="image">The picture it was trained on.</param>
    /// <param name="audio">The sound it was trained on.</param>
    public static ImportMethod Package(ImageFrontEnd image, AudioFrontEnd audio) => new()
    {
        Id = Name,
        Title = "Compact two-stream network of this project, EZ-VSL's loss",
        Required =
        [
            .. CompactTrunk.Keys("imgnet.", 3), .. WeightKey.Projection("img_proj", CompactTrunk.Channels, Shared, overPicture: true),
            .. CompactTrunk.Keys("audnet.", 1), .. WeightKey.Projection("aud_proj", CompactTrunk.Channels, Shared, overPicture: false),
        ],
        Unused = [],
        Image = image,
        Audio = audio,
        ImageNetwork = (graph, x, weights) => [new Layers(graph, weights, "").Biased(CompactTrunk.Add(graph, x[0], weights, "imgnet."), "img_proj")],
        AudioNetwork = (graph, x, weights) => [new Layers(graph, weights, "").Linear(graph.GlobalMaxPool(CompactTrunk.Add(graph, x[0], weights, "audnet.")), "aud_proj")],
        Upsampling = HeatmapUpsampling.CvLinear,
        Scores = new ScoreRange(0, 1),
        Detection = new DetectionLimits(0.55f, 0.4f),
    };

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) =>
        (Similarity.Unit(_trunks.ProjectPicture(_trunks.PictureMap(pictures))), Similarity.Unit(_trunks.ProjectSound(_trunks.SoundVector(sounds))));
}
