using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Augment;

/// <summary>
/// A rotation about the middle, mirrored or not, as the 2 x 3 matrix that torch's <c>affine_grid</c> takes: from a place in the result to the place in
/// the source, both -1..1 over the outer edges (<c>align_corners=False</c>). What comes in from outside is the front end's mean: 0 to the network.
/// </summary>
internal static class Warp
{
    public static void Matrix(double degrees, bool mirrored, Span<float> theta)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var side = mirrored ? -1 : 1;
        ReadOnlySpan<double> values = [side * cos, side * sin, 0, -sin, cos, 0];
        for (var i = 0; i < 6; i++)
        {
            theta[i] = (float)values[i];
        }
    }

    /// <summary>Warps the picture on the bench, which is a square of the network's size.</summary>
    public static void Apply(PictureBench bench, ReadOnlySpan<float> theta)
    {
        var side = bench.Picture.Width;
        using var matrix = new Mat(2, 3, MatType.CV_64FC1);

        // Pixel i of n lies at (2 i + 1) / n - 1, so the middle is at (n - 1) / 2 and the scale is the same.
        var middle = (side - 1) / 2.0;
        for (var row = 0; row < 2; row++)
        {
            var (a, b) = ((double)theta[3 * row], (double)theta[3 * row + 1]);
            matrix.Set(row, 0, a);
            matrix.Set(row, 1, b);
            matrix.Set(row, 2, middle * (1 - a - b));
        }

        var mean = bench.FrontEnd.Mean;
        Cv2.WarpAffine(
            bench.Picture,
            bench.Other,
            matrix,
            new Size(side, side),
            InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap,
            BorderTypes.Constant,
            new Scalar(255 * mean.Red, 255 * mean.Green, 255 * mean.Blue));
        bench.Turn();
    }
}
