using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// SLAVC (Mo and Morgado, NeurIPS 2022): <see cref="SlavcLoss"/>, with the averages as targets and nine tenths of the picture's map dropped. The averages
/// follow after each step, which is before the next forward pass, where its code has it.
/// </summary>
public sealed class SlavcMethod(MethodOptions options) : CosineMethod
{
    private readonly SlavcNetwork _network = new(options.Width);

    /// <inheritdoc/>
    public override string Id => "slavc";

    /// <inheritdoc/>
    public override nn.Module Network => _network;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["imgnet."];

    /// <inheritdoc/>
    public override double HeatmapTemperature => SlavcLoss.Temperature;

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = (Seen(input.Pictures[0], average: false), Heard(input.Sounds[0], average: false));
        using var ungraded = no_grad();
        var (v0, a0) = (Seen(input.Pictures[0], average: true), Heard(input.Sounds[0], average: true));
        using var graded = enable_grad();
        return StepLoss.Of(("slavc", SlavcLoss.Of(v, a, v0, a0)));
    }

    /// <inheritdoc/>
    public override void AfterStep() => _network.Follow(options.Momentum);

    /// <summary>Both spaces joined: the cosine of the joined vectors is the mean of the two.</summary>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) =>
        (Join(Seen(pictures, options.MomentumMaps)), Join(Heard(sounds, options.MomentumMaps)));

    private SlavcLoss.Dual Seen(Tensor pictures, bool average)
    {
        var (first, second) = _network.Pictures(pictures, average, options.Dropout);
        return new(Similarity.Unit(first), Similarity.Unit(second));
    }

    private SlavcLoss.Dual Heard(Tensor sounds, bool average)
    {
        var (first, second) = _network.Sounds(sounds, average);
        return new(Similarity.Unit(first), Similarity.Unit(second));
    }

    private static Tensor Join(SlavcLoss.Dual dual) => cat([dual.Correspondence, dual.Localisation], 1) / Math.Sqrt(2);
}
