using RealtimeSsl.Training.Losses;

namespace RealtimeSsl.Training.Methods;

/// <summary>MarginNCE (Park et al., ICASSP 2023; only the abstract was readable): <see cref="MarginNceLoss"/> in EZ-VSL's network.</summary>
public sealed class MarginNceMethod(MethodOptions options) : ProjectedMethod(options)
{
    /// <inheritdoc/>
    public override string Id => "marginnce";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["imgnet."];

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of(("marginnce", MarginNceLoss.Of(v, a, Options.Margin)));
    }
}
