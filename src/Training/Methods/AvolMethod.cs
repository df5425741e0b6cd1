using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using TorchSharp;
using TorchSharp.Modules;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// AVOL (Arandjelovic and Zisserman, ECCV 2018; not read but through a survey): <see cref="CorrespondenceLoss"/> with a learned gain and shift. Its own
/// VGG-like networks were never published; here it is AVENet with cosines. The gain does not go into the heatmap, which it would not reorder.
/// </summary>
public sealed class AvolMethod : AvNetMethod
{
    private readonly Linear _match = torch.nn.Linear(1, 1);

    /// <summary>Makes it.</summary>
    public AvolMethod(MethodOptions options) : base(options)
    {
        Trunks.register_module("match", _match);
        torch.nn.init.constant_(_match.weight, 10);
        torch.nn.init.constant_(_match.bias!, -5);
    }

    /// <inheritdoc/>
    public override string Id => "avol";

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of(("correspondence", CorrespondenceLoss.Of(v, a, _match.weight, _match.bias!)));
    }
}
