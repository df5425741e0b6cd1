using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace OpenCvSharp.Interop;

// The shim's functions (bindings/native/opencv), in its order. Arrays that a caller writes are OutputArray, whatever the C side makes of them.

internal static unsafe partial class Native
{
    private const string Lib = "realtimessl_opencv";

    [LibraryImport(Lib)] public static partial Status mat_new(out nint mat);
    [LibraryImport(Lib)] public static partial Status mat_delete(nint mat);
    [LibraryImport(Lib)] public static partial Status mat_create(Mat mat, int rows, int cols, MatType type);
    [LibraryImport(Lib)] public static partial Status mat_wrap(Mat mat, int rows, int cols, MatType type, nint data, long step);
    [LibraryImport(Lib)] public static partial Status mat_view(Mat mat, Mat of, Rect roi);
    [LibraryImport(Lib)] public static partial Status mat_clone(Mat mat, Mat copy);
    [LibraryImport(Lib)] public static partial Status mat_copy_to(Mat mat, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status mat_convert_to(Mat mat, OutputArray dst, MatType type, double alpha, double beta);
    [LibraryImport(Lib)] public static partial Status mat_set_to(Mat mat, InputArray value, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status mat_set_to(Mat mat, Input value, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status mat_reshape(Mat mat, Mat view, int channels, int rows);

    // Reads a few fields and cannot fail or wait: no need to leave the runtime for it.
    [LibraryImport(Lib), SuppressGCTransition] public static partial void mat_info(nint mat, MatInfo* info);

    [LibraryImport(Lib)] public static partial Status absdiff(InputArray a, InputArray b, OutputArray dst);
    [LibraryImport(Lib)] public static partial Status add(InputArray a, InputArray b, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? mask, int type);
    [LibraryImport(Lib)] public static partial Status subtract(InputArray a, InputArray b, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? mask, int type);
    [LibraryImport(Lib)] public static partial Status multiply(InputArray a, InputArray b, OutputArray dst, double scale, int type);
    [LibraryImport(Lib)] public static partial Status divide(InputArray a, InputArray b, OutputArray dst, double scale, int type);
    [LibraryImport(Lib)] public static partial Status divide_into(double scale, InputArray b, OutputArray dst, int type);
    [LibraryImport(Lib)] public static partial Status add_weighted(InputArray a, double alpha, InputArray b, double beta, double gamma, OutputArray dst, int type);
    [LibraryImport(Lib)] public static partial Status max_of(InputArray a, InputArray b, OutputArray dst);
    [LibraryImport(Lib)] public static partial Status min_of(InputArray a, InputArray b, OutputArray dst);
    [LibraryImport(Lib)] public static partial Status sqrt_of(InputArray src, OutputArray dst);
    [LibraryImport(Lib)] public static partial Status pow_of(InputArray src, double power, OutputArray dst);
    [LibraryImport(Lib)] public static partial Status bitwise_and(InputArray a, InputArray b, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status bitwise_or(InputArray a, InputArray b, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status bitwise_xor(InputArray a, InputArray b, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status bitwise_not(InputArray src, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status min_max_loc(InputArray src, out double min, out double max, out Point minAt, out Point maxAt, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status min_max_value(InputArray src, out double min, out double max);
    [LibraryImport(Lib)] public static partial Status mean(InputArray src, [MarshalUsing(typeof(OptionalInput))] InputArray? mask, out Scalar value);
    [LibraryImport(Lib)] public static partial Status sum(InputArray src, out Scalar value);
    [LibraryImport(Lib)] public static partial Status normalize(InputArray src, OutputArray dst, double alpha, double beta, NormTypes norm, int type, [MarshalUsing(typeof(OptionalInput))] InputArray? mask);
    [LibraryImport(Lib)] public static partial Status flip(InputArray src, OutputArray dst, FlipMode code);
    [LibraryImport(Lib)] public static partial Status transpose(InputArray src, OutputArray dst);
    [LibraryImport(Lib)] public static partial Status merge(nint* planes, int count, Mat dst);
    [LibraryImport(Lib)] public static partial Status split(Mat src, nint* planes);
    [LibraryImport(Lib)] public static partial Status copy_make_border(InputArray src, OutputArray dst, int top, int bottom, int left, int right, BorderTypes border, Scalar value);
    [LibraryImport(Lib)] public static partial Status version_string(out nint text);
    [LibraryImport(Lib)] public static partial Status build_information(out nint text);
    [LibraryImport(Lib)] public static partial Status set_num_threads(int count);
    [LibraryImport(Lib)] public static partial Status get_num_threads(out int count);

    [LibraryImport(Lib)] public static partial Status resize(InputArray src, OutputArray dst, Size size, double fx, double fy, InterpolationFlags interpolation);
    [LibraryImport(Lib)] public static partial Status cvt_color(InputArray src, OutputArray dst, ColorConversionCodes code, int channels);
    [LibraryImport(Lib)] public static partial Status apply_color_map(InputArray src, OutputArray dst, ColormapTypes map);
    [LibraryImport(Lib)] public static partial Status apply_user_color_map(InputArray src, OutputArray dst, InputArray map);
    [LibraryImport(Lib)] public static partial Status threshold(InputArray src, OutputArray dst, double level, double max, ThresholdTypes type, out double used);
    [LibraryImport(Lib)] public static partial Status gaussian_blur(InputArray src, OutputArray dst, Size kernel, double sigmaX, double sigmaY, BorderTypes border);
    [LibraryImport(Lib)] public static partial Status blur(InputArray src, OutputArray dst, Size kernel, Point anchor, BorderTypes border);
    [LibraryImport(Lib)] public static partial Status dilate(InputArray src, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? element, Point anchor, int iterations, BorderTypes border, Scalar value);
    [LibraryImport(Lib)] public static partial Status erode(InputArray src, OutputArray dst, [MarshalUsing(typeof(OptionalInput))] InputArray? element, Point anchor, int iterations, BorderTypes border, Scalar value);
    [LibraryImport(Lib)] public static partial Status structuring_element(MorphShapes shape, Size size, Point anchor, Mat element);
    [LibraryImport(Lib)] public static partial Status connected_components(InputArray image, OutputArray labels, OutputArray stats, OutputArray centroids, PixelConnectivity connectivity, MatType type, out int count);
    [LibraryImport(Lib)] public static partial Status warp_affine(InputArray src, OutputArray dst, InputArray matrix, Size size, InterpolationFlags flags, BorderTypes border, Scalar value);
    [LibraryImport(Lib)] public static partial Status rotation_matrix(Point2f centre, double angle, double scale, Mat matrix);
    [LibraryImport(Lib)] public static partial Status optical_flow_farneback(InputArray prev, InputArray next, OutputArray flow, double pyrScale, int levels, int window, int iterations, int polyN, double polySigma, OpticalFlowFlags flags);

    [LibraryImport(Lib)] public static partial Status rectangle_points(OutputArray img, Point a, Point b, Scalar colour, int thickness, LineTypes line, int shift);
    [LibraryImport(Lib)] public static partial Status rectangle_rect(OutputArray img, Rect rect, Scalar colour, int thickness, LineTypes line, int shift);
    [LibraryImport(Lib)] public static partial Status line(OutputArray img, Point a, Point b, Scalar colour, int thickness, LineTypes type, int shift);
    [LibraryImport(Lib)] public static partial Status circle(OutputArray img, Point centre, int radius, Scalar colour, int thickness, LineTypes line, int shift);
    [LibraryImport(Lib)] public static partial Status ellipse(OutputArray img, Point centre, Size axes, double angle, double from, double to, Scalar colour, int thickness, LineTypes line, int shift);
    [LibraryImport(Lib)] public static partial Status fill_polygons(Mat img, ReadOnlySpan<Point> points, ReadOnlySpan<int> counts, int polygons, Scalar colour, LineTypes line, int shift, Point offset);
    [LibraryImport(Lib)] public static partial Status draw_polylines(Mat img, ReadOnlySpan<Point> points, ReadOnlySpan<int> counts, int polygons, int closed, Scalar colour, int thickness, LineTypes line, int shift);
    [LibraryImport(Lib)] public static partial Status fill_polygon(OutputArray img, InputArray points, Scalar colour, LineTypes line, int shift, Point offset);
    [LibraryImport(Lib)] public static partial Status draw_polyline(OutputArray img, InputArray points, int closed, Scalar colour, int thickness, LineTypes line, int shift);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status put_text(OutputArray img, string text, Point at, HersheyFonts font, double scale, Scalar colour, int thickness, LineTypes line, int bottomLeft);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status text_size(string text, HersheyFonts font, double scale, int thickness, out int baseLine, out Size size);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status im_encode(string ext, InputArray img, ReadOnlySpan<int> parameters, int count, out nint bytes, out long length, out int done);
    [LibraryImport(Lib)] public static partial Status im_decode(ReadOnlySpan<byte> bytes, int length, ImreadModes flags, Mat image);
    [LibraryImport(Lib)] public static partial Status im_decode_array(InputArray bytes, ImreadModes flags, Mat image);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status im_read(string file, ImreadModes flags, Mat image);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status im_write(string file, Mat img, ReadOnlySpan<int> parameters, int count, out int done);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status im_show(string window, Mat img);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status named_window(string window, WindowFlags flags);
    [LibraryImport(Lib)] public static partial Status wait_key(int delay, out int key);
    [LibraryImport(Lib)] public static partial Status destroy_all_windows();

    [LibraryImport(Lib)] public static partial Status capture_new(out nint capture);
    [LibraryImport(Lib)] public static partial Status capture_delete(nint capture);
    [LibraryImport(Lib)] public static partial Status capture_open_camera(VideoCapture capture, int index, VideoCaptureAPIs api, ReadOnlySpan<int> parameters, int count, out int done);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial Status capture_open_file(VideoCapture capture, string file, VideoCaptureAPIs api, ReadOnlySpan<int> parameters, int count, out int done);
    [LibraryImport(Lib)] public static partial Status capture_is_opened(VideoCapture capture, out int opened);
    [LibraryImport(Lib)] public static partial Status capture_release(VideoCapture capture);
    [LibraryImport(Lib)] public static partial Status capture_grab(VideoCapture capture, out int done);
    [LibraryImport(Lib)] public static partial Status capture_retrieve(VideoCapture capture, OutputArray image, int flag, out int done);
    [LibraryImport(Lib)] public static partial Status capture_read(VideoCapture capture, OutputArray image, out int done);
    [LibraryImport(Lib)] public static partial Status capture_get(VideoCapture capture, int property, out double value);
    [LibraryImport(Lib)] public static partial Status capture_set(VideoCapture capture, int property, double value, out int done);
    [LibraryImport(Lib)] public static partial Status capture_backend(VideoCapture capture, out nint name);
}
