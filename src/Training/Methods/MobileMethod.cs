using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// Our own small network (two MobileNets, cells of 1/16, 256 shared channels) with EZ-VSL's contrast at LVS's temperature: fewer numbers overfit less
/// readily, and a softer contrast suits small batches.
/// </summary>
public sealed class MobileMethod : ProjectedMethod
{
    private readonly bool _second;

    /// <summary>Makes it.</summary>
    /// <param name="options">What may be chosen; the width is fixed.</param>
    /// <param name="second">MobileNetV2 instead of V3-Small.</param>
    public MobileMethod(MethodOptions options, bool second) : base(options, Make(second)) => _second = second;

    /// <inheritdoc/>
    public override string Id => _second ? "mobile-v2" : "mobile";

    /// <inheritdoc/>
    public override double HeatmapTemperature => 1;

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of(("contrast", EzVslLoss.Of(v, a, LvsLoss.Temperature)));
    }

    private static TwoTrunks Make(bool second) => second
        ? TwoTrunks.Projected(new MobileNetV2(3, lastStride: 1), new MobileNetV2(1, lastStride: 1), MobileNetV2Graph.Channels, Mobile.Shared)
        : TwoTrunks.Projected(new MobileNetV3Small(3, lastStride: 1), new MobileNetV3Small(1, lastStride: 1), MobileNetV3SmallGraph.Channels, Mobile.Shared);
}
