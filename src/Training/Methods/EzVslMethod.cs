using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>What is trained in EZ-VSL's network: cells of 1/32, both sides projected.</summary>
public abstract class ProjectedMethod : CosineMethod
{
    /// <summary>Makes EZ-VSL's network.</summary>
    protected ProjectedMethod(MethodOptions options) : this(options, TwoTrunks.EzVsl(options.Width))
    {
    }

    /// <summary>Takes a network with projections.</summary>
    protected ProjectedMethod(MethodOptions options, TwoTrunks trunks) => (Options, Trunks) = (options, trunks);

    /// <inheritdoc/>
    public override nn.Module Network => Trunks;

    /// <inheritdoc/>
    public override double HeatmapTemperature => EzVslLoss.Temperature;

    /// <summary>What was chosen.</summary>
    protected MethodOptions Options { get; }

    /// <summary>The network.</summary>
    protected TwoTrunks Trunks { get; }

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) =>
        (Similarity.Unit(Trunks.ProjectPicture(Map(pictures))), Similarity.Unit(Trunks.ProjectSound(Trunks.SoundVector(sounds))));

    /// <summary>The picture's map before its projection.</summary>
    protected virtual Tensor Map(Tensor pictures) => Trunks.PictureMap(pictures);
}

/// <summary>EZ-VSL (Mo and Morgado, ECCV 2022): <see cref="EzVslLoss"/>. Its picture trunk begins with ImageNet's weights, which are given as the base.</summary>
public sealed class EzVslMethod(MethodOptions options) : ProjectedMethod(options)
{
    /// <inheritdoc/>
    public override string Id => "ez-vsl";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["imgnet."];

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of(("ez-vsl", EzVslLoss.Of(v, a)));
    }
}
