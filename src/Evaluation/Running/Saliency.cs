using OpenCvSharp;
using RealtimeSsl.Inference.TwoStream;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// Where a picture alone draws the eye: what a method that listens has to beat. With a package that sees objects (imported as <c>resnet18</c>) it is that
/// one's map, the OGL of the literature; otherwise, without weights, how far each place's colour (blurred, CIE Lab) is from the picture's mean colour: the
/// frequency-tuned saliency of Achanta et al., CVPR 2009, on 14 x 14 cells.
/// </summary>
/// <param name="objects">The package; null: colour contrast.</param>
public sealed class Saliency(ObjectModel? objects)
{
    private const int Side = 14;

    /// <summary>What it is, for reports.</summary>
    public string Name => objects is null ? "colour contrast (no weights)" : $"objects ({objects.Name})";

    /// <summary>The map of a picture.</summary>
    public (float[] Map, int Rows, int Cols) See(Picture picture)
    {
        if (objects is not null)
        {
            return (objects.See(picture.Bgr, picture.Width, picture.Height).ToArray(), objects.Rows, objects.Cols);
        }

        return (Contrast(picture), Side, Side);
    }

    private static unsafe float[] Contrast(Picture picture)
    {
        fixed (byte* pixels = picture.Bgr)
        {
            using var whole = Mat.FromPixelData(picture.Height, picture.Width, MatType.CV_8UC3, (nint)pixels);
            using Mat small = new(), lab = new(), blurred = new();
            Cv2.Resize(whole, small, new Size(8 * Side, 8 * Side), 0, 0, InterpolationFlags.Area);
            Cv2.CvtColor(small, lab, ColorConversionCodes.BGR2Lab);
            var mean = Cv2.Mean(lab);
            Cv2.Resize(lab, blurred, new Size(Side, Side), 0, 0, InterpolationFlags.Area);
            var cells = new ReadOnlySpan<byte>((void*)blurred.Data, 3 * Side * Side);
            var map = new float[Side * Side];
            for (var i = 0; i < map.Length; i++)
            {
                var (l, a, b) = (cells[3 * i] - mean.Val0, cells[3 * i + 1] - mean.Val1, cells[3 * i + 2] - mean.Val2);
                map[i] = (float)Math.Sqrt(l * l + a * a + b * b);
            }

            return map;
        }
    }
}
