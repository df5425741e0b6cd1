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
    /// <summary>Makes the network.</summary>
    /// <param name="options">Of these the width.</param>
    protected ProjectedMethod(MethodOptions options) => Trunks = TwoTrunks.EzVsl(options.Width);

    /// <summary>Takes a network that is there.</summary>
    protected ProjectedMethod(TwoTrunks streams) => Trunks = streams;

    /// <inheritdoc/>
    public override nn.Module Network => Trunks;

    /// <inheritdoc/>
    public override double HeatmapTemperature => EzVslLoss.Temperature;

    /// <summary>The network.</summary>
    protected TwoTrunks Trunks { get; }

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) =>
        (Similarity.Unit(Trunks.ProjectPicture(Trunks.PictureMap(pictures))), Similarity.Unit(Trunks.ProjectSound(Trunks.SoundVector(sounds))));
}

/// <summary>EZ-VSL (Mo and Morgado, ECCV 2022): <see cref="EzVslLoss"/>. Its picture trunk begins with ImageNet's weights, which are given as the base.</summary>
public sealed class EzVslMethod(MethodOptions options) : ProjectedMethod(options)
{
    /// <inheritdoc/>
    public override string Id => "ez-vsl";

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of(("ez-vsl", EzVslLoss.Of(v, a)));
    }
}
