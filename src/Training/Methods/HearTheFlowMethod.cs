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
/// HearTheFlow (Fedorishin et al., WACV 2023): LVS's loss (its margin of 0.25 below 0.65 is LVS's 0.4) on a map that attended to the motion. Its picture
/// trunk is ImageNet's, frozen. The motion is the flow from the frame before, of either sign, as the engine gives it; the authors took that to the next frame
/// without its negative values. Still pictures have none: zero everywhere. Exports at 224 x 224 only.
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
    public override FlowFrontEnd Motion => HearTheFlow.Flow;

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) =>
        ViewPlans.Standard(image, audio) with { Motion = Motion };

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input);
        return StepLoss.Of(("lvs", LvsLoss.Of(v, a)));
    }

    /// <inheritdoc/>
    public override Tensor Heatmap(StepInput input) => Evaluated(() =>
    {
        var (v, a) = Features(input);
        return Similarity.Own(v, a);
    });

    /// <inheritdoc/>
    public override (Tensor Pictures, Tensor Sounds) Embed(StepInput input) => Both(() =>
    {
        var (v, a) = Features(input);
        return (Similarity.Unit(v.mean([-2, -1])), a);
    });

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) =>
        Features(pictures, pictures.new_zeros([pictures.shape[0], Motion.Planes, pictures.shape[2], pictures.shape[3]]), sounds);

    private (Tensor Map, Tensor Vector) Features(StepInput input) => input.Motion is { } motion
        ? Features(input.Pictures[0], motion, input.Sounds[0])
        : Features(input.Pictures[0], input.Sounds[0]);

    private (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor motion, Tensor sounds) =>
        (Similarity.Unit(_network.Attended(pictures, motion)), Similarity.Unit(_network.Sound(sounds)));
}
