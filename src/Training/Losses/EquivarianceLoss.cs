using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// SSL-TIE, equivariance (Liu et al., "Exploiting transformation invariance and equivariance for self-supervised sound localisation", ACM MM 2022;
/// formula from utils/tf_equivariance_loss.py of github.com/jinxiang-liu/SSL-TIE): the map of the warped picture is the warped map of the picture. The map
/// is enlarged to the picture's size, warped as the picture was, and brought back to the map's size (half of it for a picture at half size); mean squared
/// difference.
/// </summary>
public static class EquivarianceLoss
{
    /// <summary>The loss.</summary>
    /// <param name="map">The picture's map [N, h, w].</param>
    /// <param name="warpedMap">The warped picture's map [N, h', w'].</param>
    /// <param name="warps">How it was warped [N, 2, 3], as <c>affine_grid</c> takes it.</param>
    /// <param name="height">Height of the picture.</param>
    /// <param name="width">Width of the picture.</param>
    public static Tensor Of(Tensor map, Tensor warpedMap, Tensor warps, long height, long width)
    {
        using var scope = NewDisposeScope();
        var large = F.interpolate(map.unsqueeze(1), [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        var grid = F.affine_grid(warps.to_type(map.dtype), [map.shape[0], 1, height, width], align_corners: false);
        var warped = F.grid_sample(large, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false);
        var small = F.interpolate(warped, warpedMap.shape[1..], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(1);
        return F.mse_loss(warpedMap, small).MoveToOuterDisposeScope();
    }
}
