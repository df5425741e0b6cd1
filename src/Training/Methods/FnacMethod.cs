using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// FNAC (Sun et al., CVPR 2023): <see cref="FnacLoss"/> in EZ-VSL's network, nine tenths of the picture's map dropped in training; for three epochs the
/// contrast alone.
/// </summary>
public sealed class FnacMethod(MethodOptions options) : ProjectedMethod(options)
{
    /// <inheritdoc/>
    public override string Id => "fnac";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["imgnet."];

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Fnac(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        var terms = FnacLoss.Of(v, a);
        return input.Epoch < FnacLoss.WarmUp
            ? StepLoss.Of(("contrast", terms.Contrast))
            : StepLoss.Of(
                ("contrast", terms.Contrast), ("fns-sounds", terms.AlikeSounds * FnacLoss.Weight),
                ("fns-pictures", terms.AlikePictures * FnacLoss.Weight), ("tne", terms.TrueNegatives * FnacLoss.Weight));
    }

    /// <inheritdoc/>
    protected override Tensor Map(Tensor pictures) => nn.functional.dropout(base.Map(pictures), Options.Dropout, Network.training);
}
