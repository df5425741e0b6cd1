using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// SSPL (Song et al., CVPR 2022): two crops of a picture, each pooled by where it answers the sound, predict each other (<see cref="SimSiamLoss"/>); with or
/// without the predictive coding module. The paper's VGG16 and VGGish are pretrained and frozen. Pictures of 224 x 224 and 3 s of sound only.
/// </summary>
public sealed class SsplMethod : CosineMethod
{
    private readonly MethodOptions _options;
    private readonly bool _predictiveCoding;
    private readonly SsplNetwork _network;

    /// <summary>Makes it.</summary>
    public SsplMethod(MethodOptions options, bool predictiveCoding)
    {
        (_options, _predictiveCoding, _network) = (options, predictiveCoding, new SsplNetwork(predictiveCoding, options.Width));
        _network.Freeze(options.Frozen);
    }

    /// <inheritdoc/>
    public override string Id => _predictiveCoding ? "sspl" : "sspl-wo-pcm";

    /// <inheritdoc/>
    public override nn.Module Network => _network;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["feat_extractor.", "features.", "embeddings."];

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Sspl(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (maps, vector) = _network.Features([input.Pictures[0], input.Pictures[1]], input.Sounds[0]);
        var a = Similarity.Unit(vector);
        var (z1, p1) = Head(maps[0], a);
        var (z2, p2) = Head(maps[1], a);
        return StepLoss.Of(("simsiam", SimSiamLoss.Of(p1, p2, z1, z2)));
    }

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds)
    {
        var (maps, vector) = _network.Features([pictures], sounds);
        return (Similarity.Unit(maps[0]), Similarity.Unit(vector));
    }

    private (Tensor Projection, Tensor Prediction) Head(Tensor map, Tensor a)
    {
        var (projection, prediction) = _network.Head(SimSiamLoss.Attended(Similarity.Full(map), a).to_type(map.dtype));
        return (Similarity.Full(projection), Similarity.Full(prediction));
    }
}
