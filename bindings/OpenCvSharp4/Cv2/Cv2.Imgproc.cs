using OpenCvSharp.Interop;

namespace OpenCvSharp;

// Image processing, and motion between two pictures.

public static partial class Cv2
{
    private static readonly Point Centre = new(-1, -1);

    public static void Resize(InputArray src, OutputArray dst, Size dsize, double fx = 0, double fy = 0,
        InterpolationFlags interpolation = InterpolationFlags.Linear) =>
        Native.resize(src, dst, dsize, fx, fy, interpolation);

    public static void CvtColor(InputArray src, OutputArray dst, ColorConversionCodes code, int dstCn = 0) =>
        Native.cvt_color(src, dst, code, dstCn);

    public static void ApplyColorMap(InputArray src, OutputArray dst, ColormapTypes colormap) => Native.apply_color_map(src, dst, colormap);
    public static void ApplyColorMap(InputArray src, OutputArray dst, InputArray userColor) => Native.apply_user_color_map(src, dst, userColor);

    public static double Threshold(InputArray src, OutputArray dst, double thresh, double maxval, ThresholdTypes type)
    {
        Native.threshold(src, dst, thresh, maxval, type, out var used);
        return used;
    }

    public static void GaussianBlur(InputArray src, OutputArray dst, Size ksize, double sigmaX, double sigmaY = 0,
        BorderTypes borderType = BorderTypes.Default) =>
        Native.gaussian_blur(src, dst, ksize, sigmaX, sigmaY, borderType);

    public static void Blur(InputArray src, OutputArray dst, Size ksize, Point? anchor = null, BorderTypes borderType = BorderTypes.Default) =>
        Native.blur(src, dst, ksize, anchor ?? Centre, borderType);

    // Without a border value, what lies outside never wins: OpenCV's morphologyDefaultBorderValue.
    public static void Dilate(InputArray src, OutputArray dst, InputArray? element, Point? anchor = null, int iterations = 1,
        BorderTypes borderType = BorderTypes.Constant, Scalar? borderValue = null) =>
        Native.dilate(src, dst, element, anchor ?? Centre, iterations, borderType, borderValue ?? Scalar.All(double.MaxValue));

    public static void Erode(InputArray src, OutputArray dst, InputArray? element, Point? anchor = null, int iterations = 1,
        BorderTypes borderType = BorderTypes.Constant, Scalar? borderValue = null) =>
        Native.erode(src, dst, element, anchor ?? Centre, iterations, borderType, borderValue ?? Scalar.All(double.MaxValue));

    public static Mat GetStructuringElement(MorphShapes shape, Size ksize) => GetStructuringElement(shape, ksize, Centre);

    public static Mat GetStructuringElement(MorphShapes shape, Size ksize, Point anchor)
    {
        var element = new Mat();
        Native.structuring_element(shape, ksize, anchor, element);
        return element;
    }

    public static int ConnectedComponentsWithStats(InputArray image, OutputArray labels, OutputArray stats, OutputArray centroids,
        PixelConnectivity connectivity = PixelConnectivity.Connectivity8) =>
        ConnectedComponentsWithStats(image, labels, stats, centroids, connectivity, MatType.CV_32S);

    public static int ConnectedComponentsWithStats(InputArray image, OutputArray labels, OutputArray stats, OutputArray centroids,
        PixelConnectivity connectivity, MatType ltype)
    {
        Native.connected_components(image, labels, stats, centroids, connectivity, ltype, out var count);
        return count;
    }

    public static void WarpAffine(InputArray src, OutputArray dst, InputArray m, Size dsize, InterpolationFlags flags = InterpolationFlags.Linear,
        BorderTypes borderMode = BorderTypes.Constant, Scalar? borderValue = null) =>
        Native.warp_affine(src, dst, m, dsize, flags, borderMode, borderValue ?? default);

    public static Mat GetRotationMatrix2D(Point2f center, double angle, double scale)
    {
        var matrix = new Mat();
        Native.rotation_matrix(center, angle, scale, matrix);
        return matrix;
    }

    public static void CalcOpticalFlowFarneback(InputArray prev, InputArray next, InputOutputArray flow, double pyrScale, int levels,
        int winsize, int iterations, int polyN, double polySigma, OpticalFlowFlags flags) =>
        Native.optical_flow_farneback(prev, next, flow, pyrScale, levels, winsize, iterations, polyN, polySigma, flags);
}
