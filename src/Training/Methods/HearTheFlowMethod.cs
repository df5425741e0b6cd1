using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// HearTheFlow (Fedorishin et al., WACV 2023): LVS's loss (its margin of 0.25 below 0.65 is LVS's 0.4) on a map that attended to the motion. Its picture
/// trunk is ImageNet's, frozen. Without motion (still pictures) the flow is zero everywhere. Exports at 224 x 224 only.
/// </summary>
public sealed class HearTheFlowMethod : CosineMethod
{
    private readonly MethodOptions _options;
    private readonly FlowNetwork _network;

    /// <summary>Makes it.</summary>
    public HearTheFlowMethod(MethodOptions options)
    {
        (_options, _network) = (options, new FlowNetwork(options.Width));
        foreach (var parameter in _network.Picture.parameters())
        {
            parameter.requires_grad = !options.Frozen;
        }
    }

    /// <inheritdoc/>
    public override string Id => "heartheflow";

    /// <inheritdoc/>
    public override nn.Module Network => _network;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["imgnet."];

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var v = Similarity.Unit(_network.Attended(input.Pictures[0], input.Motion ?? Still(input.Pictures[0])));
        return StepLoss.Of(("lvs", LvsLoss.Of(v, Similarity.Unit(_network.Sound(input.Sounds[0])))));
    }

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) =>
        (Similarity.Unit(_network.Attended(pictures, Still(pictures))), Similarity.Unit(_network.Sound(sounds)));

    private static Tensor Still(Tensor pictures) => pictures.new_zeros([pictures.shape[0], 2, pictures.shape[2], pictures.shape[3]]);
}
