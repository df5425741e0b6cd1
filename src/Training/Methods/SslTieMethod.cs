using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// SSL-TIE (Liu et al., ACM MM 2022): LVS's contrast on the picture and on the picture warped, half and half, and <see cref="EquivarianceLoss"/> between
/// their maps, in AVENet.
/// </summary>
public sealed class SslTieMethod(MethodOptions options) : AvNetMethod(options)
{
    /// <inheritdoc/>
    public override string Id => "ssl-tie";

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.SslTie(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (picture, warped) = (input.Pictures[0], input.Pictures[1]);
        var warps = input.Warps ?? throw new ArgumentException("SSL-TIE learns from warped pictures; the batch has none");
        var (height, width) = (picture.shape[2], picture.shape[3]);
        if (input.HalfSize)
        {
            warped = nn.functional.interpolate(warped, [height / 2, width / 2], mode: InterpolationMode.Bilinear, align_corners: false);
        }

        var (v, a) = Features(picture, input.Sounds[0]);
        var moved = Cells(warped);
        var equivariance = EquivarianceLoss.Of(Similarity.Own(v, a), Similarity.Own(moved, a), warps, height, width);
        return StepLoss.Of(("lvs", LvsLoss.Of(v, a) / 2), ("lvs-warped", LvsLoss.Of(moved, a) / 2), ("equivariance", equivariance));
    }
}
