using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>What is trained in AVENet: cells of 1/16, no projection in the heatmap.</summary>
public abstract class AvNetMethod : CosineMethod
{
    /// <summary>Makes the network.</summary>
    /// <param name="options">Of these the width.</param>
    /// <param name="aligned">With SSLalign's projections.</param>
    protected AvNetMethod(MethodOptions options, bool aligned = false) => (Options, Trunks) = (options, TwoTrunks.AvNet(aligned, options.Width));

    /// <inheritdoc/>
    public override nn.Module Network => Trunks;

    /// <summary>What was chosen.</summary>
    protected MethodOptions Options { get; }

    /// <summary>The network.</summary>
    protected TwoTrunks Trunks { get; }

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) => (Cells(pictures), Heard(sounds));

    /// <summary>The picture's cells, of length 1.</summary>
    protected Tensor Cells(Tensor pictures) => Similarity.Unit(Trunks.PictureMap(pictures));

    /// <summary>The sound's vector, of length 1.</summary>
    protected Tensor Heard(Tensor sounds) => Similarity.Unit(Trunks.SoundVector(sounds));
}

/// <summary>LVS (Chen et al., CVPR 2021): <see cref="LvsLoss"/> in AVENet.</summary>
public sealed class LvsMethod(MethodOptions options) : AvNetMethod(options)
{
    /// <inheritdoc/>
    public override string Id => "lvs";

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of(("lvs", LvsLoss.Of(v, a)));
    }
}
