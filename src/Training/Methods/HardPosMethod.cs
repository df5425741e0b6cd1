using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using TorchSharp;

namespace RealtimeSsl.Training.Methods;

/// <summary>HardPos (Senocak et al., ICASSP 2022; only the abstract was readable): <see cref="HardPosLoss"/> in AVENet. Without neighbours it is LVS.</summary>
public sealed class HardPosMethod(MethodOptions options) : AvNetMethod(options)
{
    /// <inheritdoc/>
    public override string Id => "hardpos";

    /// <inheritdoc/>
    public override bool TakesNeighbours => Options.Neighbours;

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) =>
        TakesNeighbours && pictures is not null && sounds is not null ? ViewPlans.HardPos(image, audio, pictures, sounds) : ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return input.Pictures.Count > 1
            ? StepLoss.Of(("hardpos", HardPosLoss.Of(v, a, Cells(input.Pictures[1]), Heard(input.Sounds[1]))))
            : StepLoss.Of(("lvs", LvsLoss.Of(v, a)));
    }
}
