using RealtimeSsl.Training.Losses;
using TorchSharp;
using TorchSharp.Modules;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// Visual context (Zhou et al., "Exploiting visual context semantics for sound source localization", WACV 2023; only a survey's account was readable): EZ-VSL's contrast
/// with the two terms of <see cref="VisualContextLoss"/>. A quarter of the regions counts as positive and a quarter as negative; the paper's numbers
/// and weights were not readable.
/// </summary>
public sealed class VisualContextMethod : ProjectedMethod
{
    private readonly Conv2d _regions;

    /// <summary>Makes it.</summary>
    public VisualContextMethod(MethodOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Regions, 2, nameof(options));
        _regions = torch.nn.Conv2d(8 * options.Width, options.Regions, 1);
        Trunks.register_module("regions", _regions);
    }

    /// <inheritdoc/>
    public override string Id => "visual-context";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["imgnet."];

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var map = Map(input.Pictures[0]);
        var (v, a) = (Similarity.Unit(Trunks.ProjectPicture(map)), Similarity.Unit(Trunks.ProjectSound(Trunks.SoundVector(input.Sounds[0]))));
        var share = Math.Max(1, Options.Regions / 4);
        var (context, consistency) = VisualContextLoss.Of(v, a, Similarity.Full(_regions.call(map)), share, share);
        return StepLoss.Of(("contrast", EzVslLoss.Of(v, a)), ("context", context), ("consistency", consistency));
    }
}
