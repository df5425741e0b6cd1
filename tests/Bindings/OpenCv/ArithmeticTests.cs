using OpenCvSharp;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>What overlay, detection and motion are computed with.</summary>
public class ArithmeticTests
{
    private static Mat Floats(int rows, int cols, params float[] values)
    {
        var mat = new Mat(rows, cols, MatType.CV_32FC1);
        values.CopyTo(mat.AsSpan<float>());
        return mat;
    }

    private static float[] Values(Mat mat) => mat.AsSpan<float>().ToArray();

    [Fact]
    public void Elementwise_arithmetic()
    {
        using var a = Floats(1, 4, 1, 4, 9, 16);
        using var b = Floats(1, 4, 2, 2, 3, 32);
        using var r = new Mat();
        float[] Result(Action act)
        {
            act();
            return Values(r);
        }

        Assert.Equal([3, 6, 12, 48], Result(() => Cv2.Add(a, b, r)));
        Assert.Equal([-1, 2, 6, -16], Result(() => Cv2.Subtract(a, b, r)));
        Assert.Equal([1, 2, 6, 16], Result(() => Cv2.Absdiff(a, b, r)));
        Assert.Equal([4, 16, 54, 1024], Result(() => Cv2.Multiply(a, b, r, 2)));
        Assert.Equal([0.5f, 2, 3, 0.5f], Result(() => Cv2.Divide(a, b, r)));
        Assert.Equal([8, 8, 16 / 3f, 0.5f], Result(() => Cv2.Divide(16.0, b, r)));
        Assert.Equal([2, 4, 9, 32], Result(() => Cv2.Max(a, b, r)));
        Assert.Equal([1, 2, 3, 16], Result(() => Cv2.Min(a, b, r)));
        Assert.Equal([5, 5, 9, 16], Result(() => Cv2.Max(a, 5.0, r)));
        Assert.Equal([1, 2, 3, 4], Result(() => Cv2.Sqrt(a, r)));
        Assert.Equal([1, 16, 81, 256], Result(() => Cv2.Pow(a, 2, r)));
        Assert.Equal([3.5f, 5, 8.5f, 41], Result(() => Cv2.AddWeighted(a, 0.5, b, 1, 1, r)));
        Assert.Equal([0, 0.2f, 8 / 15f, 1], Result(() => Cv2.Normalize(a, r, 0, 1, NormTypes.MinMax)), (x, y) => Math.Abs(x - y) < 1e-6);
    }

    [Fact]
    public void Numbers_and_colours_stand_for_whole_pictures()
    {
        using var a = Floats(2, 2, 1, 2, 3, 4);
        using var column = new Mat(4, 1, MatType.CV_64FC1, Scalar.All(10));
        using var colour = new Mat(1, 2, MatType.CV_8UC3, new Scalar(10, 20, 30));
        using var r = new Mat();

        Cv2.Multiply(a, 3.0, r);
        Assert.Equal([3, 6, 9, 12], Values(r));
        Cv2.Subtract(new Scalar(10), a, r);
        Assert.Equal([9, 8, 7, 6], Values(r));
        Cv2.Add(colour, new Scalar(1, 2, 250), r);
        Assert.Equal([11, 22, 255, 11, 22, 255], r.AsSpan<byte>().ToArray());
        // A matrix of the shape of a colour stays a matrix.
        Cv2.Add(column, new Scalar(1, 2, 3, 4), r);
        Assert.Equal([11d, 11, 11, 11], r.AsSpan<double>().ToArray());
    }

    [Fact]
    public void Masks_and_bits()
    {
        using var a = new Mat(1, 3, MatType.CV_8UC1, Scalar.All(0b1100));
        using var b = new Mat(1, 3, MatType.CV_8UC1, Scalar.All(0b1010));
        using var mask = new Mat(1, 3, MatType.CV_8UC1, Scalar.All(0));
        mask.Set(0, 1, (byte)255);
        using var r = new Mat();

        Cv2.BitwiseAnd(a, b, r);
        Assert.Equal(0b1000, r.Get<byte>(0, 0));
        Cv2.BitwiseOr(a, b, r);
        Assert.Equal(0b1110, r.Get<byte>(0, 0));
        Cv2.BitwiseXor(a, b, r);
        Assert.Equal(0b0110, r.Get<byte>(0, 0));
        Cv2.BitwiseNot(a, r);
        Assert.Equal(0b11110011, r.Get<byte>(0, 0));
        r.SetTo(Scalar.All(7));
        Cv2.Add(a, b, r, mask);
        Assert.Equal([7, 22, 7], r.AsSpan<byte>().ToArray());
        r.SetTo(Scalar.All(1), mask);
        Assert.Equal([7, 1, 7], r.AsSpan<byte>().ToArray());
        Assert.Equal(12, Cv2.Mean(a, mask).Val0);
    }

    [Fact]
    public void Extremes_with_their_places()
    {
        using var a = Floats(2, 3, 5, 1, 4, 8, 2, 6);

        Cv2.MinMaxLoc(a, out var min, out var max, out var minAt, out var maxAt);
        Assert.Equal((1, 8, new Point(1, 0), new Point(0, 1)), (min, max, minAt, maxAt));
        Cv2.MinMaxLoc(a, out minAt, out maxAt);
        Assert.Equal((new Point(1, 0), new Point(0, 1)), (minAt, maxAt));
    }

    [Fact]
    public void Planes_are_split_merged_flipped_and_framed()
    {
        using var picture = new Mat(2, 3, MatType.CV_8UC3, new Scalar(1, 2, 3));
        var planes = Cv2.Split(picture);
        using var back = new Mat();
        using var framed = new Mat();

        Assert.Equal([1, 2, 3], planes.Select(p => (int)p.Get<byte>(1, 2)));
        Cv2.Merge([planes[2], planes[1], planes[0]], back);
        Assert.Equal([3, 2, 1], back.RowSpan<byte>(0)[..3].ToArray());
        foreach (var plane in planes) plane.Dispose();

        Cv2.CopyMakeBorder(picture, framed, 1, 0, 2, 0, BorderTypes.Constant, new Scalar(9, 9, 9));
        Assert.Equal((3, 5), (framed.Rows, framed.Cols));
        Assert.Equal([9, 9, 9, 1, 2, 3], framed.RowSpan<byte>(1)[3..9].ToArray());

        using var row = Floats(1, 3, 1, 2, 3);
        Cv2.Flip(row, row, FlipMode.Y);
        Assert.Equal([3, 2, 1], Values(row));
        using var column = new Mat();
        Cv2.Transpose(row, column);
        Assert.Equal((3, 1), (column.Rows, column.Cols));
    }

    [Fact]
    public void Colours_convert_and_heat_becomes_colour()
    {
        using var pixel = new Mat(1, 1, MatType.CV_8UC3, Scalar.Red);
        using var r = new Mat();
        Cv2.CvtColor(pixel, r, ColorConversionCodes.BGR2RGB);
        Assert.Equal([255, 0, 0], r.AsSpan<byte>().ToArray());
        Cv2.CvtColor(pixel, r, ColorConversionCodes.BGR2GRAY);
        Assert.Equal([76], r.AsSpan<byte>().ToArray());

        using var heat = new Mat(1, 2, MatType.CV_8UC1, Scalar.All(0));
        heat.Set(0, 1, (byte)255);
        Cv2.ApplyColorMap(heat, r, ColormapTypes.Jet);
        Assert.Equal([128, 0, 0, 0, 0, 128], r.AsSpan<byte>().ToArray());
        using var inverse = new Mat(256, 1, MatType.CV_8UC3, Scalar.Lime);
        Cv2.ApplyColorMap(heat, r, inverse);
        Assert.Equal([0, 255, 0, 0, 255, 0], r.AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Connected_components_with_their_boxes_and_centres()
    {
        using var image = new Mat(20, 30, MatType.CV_8UC1, Scalar.Black);
        Cv2.Rectangle(image, new Rect(2, 3, 5, 4), Scalar.White, -1);
        Cv2.Rectangle(image, new Rect(15, 10, 10, 2), Scalar.White, -1);
        image.Set(12, 25, (byte)255);
        using var labels = new Mat();
        using var stats = new Mat();
        using var centroids = new Mat();

        var count = Cv2.ConnectedComponentsWithStats(image, labels, stats, centroids);
        Assert.Equal(3, count);
        Assert.Equal((3, 5, MatType.CV_32SC1), (stats.Rows, stats.Cols, stats.Type()));
        Assert.Equal([2, 3, 5, 4, 20], stats.RowSpan<int>(labels.Get<int>(4, 4)).ToArray());
        Assert.Equal(21, stats.Get<int>(labels.Get<int>(10, 20), (int)ConnectedComponentsTypes.Area));
        Assert.Equal([4, 4.5], centroids.RowSpan<double>(labels.Get<int>(4, 4)).ToArray());

        // The lone pixel touches at a corner only.
        Assert.Equal(4, Cv2.ConnectedComponentsWithStats(image, labels, stats, centroids, PixelConnectivity.Connectivity4, MatType.CV_32S));
    }

    [Fact]
    public void Filters_and_warps()
    {
        using var dot = new Mat(9, 9, MatType.CV_8UC1, Scalar.Black);
        dot.Set(4, 4, (byte)90);
        using var r = new Mat();
        using var cross = Cv2.GetStructuringElement(MorphShapes.Cross, new Size(3, 3));

        Cv2.Blur(dot, r, new Size(3, 3));
        Assert.Equal(10, r.Get<byte>(3, 5));
        Cv2.GaussianBlur(dot, r, new Size(5, 5), 1);
        Assert.InRange(Cv2.Sum(r).Val0, 80, 100);
        Cv2.Dilate(dot, r, cross);
        Assert.Equal(5 * 90, Cv2.Sum(r).Val0);
        Cv2.Erode(r, r, cross);
        Assert.Equal(90, Cv2.Sum(r).Val0);
        Cv2.Dilate(dot, r, null, iterations: 2);
        Assert.Equal(25 * 90, Cv2.Sum(r).Val0);

        using var turn = Cv2.GetRotationMatrix2D(new Point2f(4, 4), 90, 1);
        dot.Set(4, 6, (byte)50);
        Cv2.WarpAffine(dot, r, turn, dot.Size());
        Assert.Equal(50, r.Get<byte>(2, 4));

        Assert.Equal(40, Cv2.Threshold(dot, r, 40, 255, ThresholdTypes.Tozero));
        Assert.Equal(140, Cv2.Sum(r).Val0);
    }

    [Fact]
    public void Optical_flow_follows_a_moving_square()
    {
        using var before = new Mat(64, 64, MatType.CV_8UC1, Scalar.Black);
        using var after = before.Clone();
        Cv2.Rectangle(before, new Rect(20, 24, 16, 16), Scalar.White, -1);
        Cv2.Rectangle(after, new Rect(23, 24, 16, 16), Scalar.White, -1);
        Cv2.GaussianBlur(before, before, new Size(7, 7), 2);
        Cv2.GaussianBlur(after, after, new Size(7, 7), 2);
        using var flow = new Mat();

        Cv2.CalcOpticalFlowFarneback(before, after, flow, 0.5, 3, 15, 3, 5, 1.2, OpticalFlowFlags.None);

        Assert.Equal((64, 64, MatType.CV_32FC2), (flow.Rows, flow.Cols, flow.Type()));
        var motion = flow.Get<Point2f>(32, 29);
        Assert.InRange(motion.X, 1.5f, 4.5f);
        Assert.InRange(motion.Y, -1f, 1f);
    }
}
