using System.Runtime.InteropServices;
using OpenCvSharp.Interop;

namespace OpenCvSharp;

/// <summary>OpenCV's functions; each is one call of the shim. Here: arithmetic on whole matrices, and the library itself.</summary>
public static partial class Cv2
{
    public static void Absdiff(InputArray src1, InputArray src2, OutputArray dst) => Native.absdiff(src1, src2, dst);

    public static void Add(InputArray src1, InputArray src2, OutputArray dst, InputArray? mask = null, int dtype = -1) =>
        Native.add(src1, src2, dst, mask, dtype);

    public static void Subtract(InputArray src1, InputArray src2, OutputArray dst, InputArray? mask = null, int dtype = -1) =>
        Native.subtract(src1, src2, dst, mask, dtype);

    public static void Subtract(InputArray src1, Scalar src2, OutputArray dst, InputArray? mask = null, int dtype = -1) =>
        Native.subtract(src1, src2, dst, mask, dtype);

    public static void Subtract(Scalar src1, InputArray src2, OutputArray dst, InputArray? mask = null, int dtype = -1) =>
        Native.subtract(src1, src2, dst, mask, dtype);

    public static void Multiply(InputArray src1, InputArray src2, OutputArray dst, double scale = 1, int dtype = -1) =>
        Native.multiply(src1, src2, dst, scale, dtype);

    public static void Divide(InputArray src1, InputArray src2, OutputArray dst, double scale = 1, MatType? dtype = null) =>
        Native.divide(src1, src2, dst, scale, dtype?.Value ?? -1);

    public static void Divide(double scale, InputArray src2, OutputArray dst, int dtype = -1) =>
        Native.divide_into(scale, src2, dst, dtype);

    public static void AddWeighted(InputArray src1, double alpha, InputArray src2, double beta, double gamma, OutputArray dst, int dtype = -1) =>
        Native.add_weighted(src1, alpha, src2, beta, gamma, dst, dtype);

    public static void Max(InputArray src1, InputArray src2, OutputArray dst) => Native.max_of(src1, src2, dst);
    public static void Max(Mat src1, Mat src2, Mat dst) => Native.max_of(src1, src2, dst);
    public static void Max(Mat src1, double src2, Mat dst) => Native.max_of(src1, src2, dst);
    public static void Min(InputArray src1, InputArray src2, OutputArray dst) => Native.min_of(src1, src2, dst);
    public static void Min(Mat src1, Mat src2, Mat dst) => Native.min_of(src1, src2, dst);
    public static void Min(Mat src1, double src2, Mat dst) => Native.min_of(src1, src2, dst);
    public static void Sqrt(InputArray src, OutputArray dst) => Native.sqrt_of(src, dst);
    public static void Pow(InputArray src, double power, OutputArray dst) => Native.pow_of(src, power, dst);

    public static void BitwiseAnd(InputArray src1, InputArray src2, OutputArray dst, InputArray? mask = null) =>
        Native.bitwise_and(src1, src2, dst, mask);

    public static void BitwiseOr(InputArray src1, InputArray src2, OutputArray dst, InputArray? mask = null) =>
        Native.bitwise_or(src1, src2, dst, mask);

    public static void BitwiseXor(InputArray src1, InputArray src2, OutputArray dst, InputArray? mask = null) =>
        Native.bitwise_xor(src1, src2, dst, mask);

    public static void BitwiseNot(InputArray src, OutputArray dst, InputArray? mask = null) => Native.bitwise_not(src, dst, mask);

    public static void MinMaxLoc(InputArray src, out double minVal, out double maxVal) => Native.min_max_value(src, out minVal, out maxVal);

    public static void MinMaxLoc(InputArray src, out Point minLoc, out Point maxLoc) =>
        Native.min_max_loc(src, out _, out _, out minLoc, out maxLoc, null);

    public static void MinMaxLoc(
        InputArray src, out double minVal, out double maxVal, out Point minLoc, out Point maxLoc, InputArray? mask = null) =>
        Native.min_max_loc(src, out minVal, out maxVal, out minLoc, out maxLoc, mask);

    public static Scalar Mean(InputArray src, InputArray? mask = null)
    {
        Native.mean(src, mask, out var value);
        return value;
    }

    public static Scalar Sum(InputArray src)
    {
        Native.sum(src, out var value);
        return value;
    }

    public static void Normalize(InputArray src, InputOutputArray dst, double alpha = 1, double beta = 0,
        NormTypes normType = NormTypes.L2, int dtype = -1, InputArray? mask = null) =>
        Native.normalize(src, dst, alpha, beta, normType, dtype, mask);

    public static void Flip(InputArray src, OutputArray dst, FlipMode flipCode) => Native.flip(src, dst, flipCode);

    public static void Transpose(InputArray src, OutputArray dst) => Native.transpose(src, dst);

    public static unsafe void Merge(Mat[] mv, Mat dst)
    {
        ArgumentNullException.ThrowIfNull(mv);
        if (mv.Length == 0) throw new ArgumentException("There are no planes to merge.", nameof(mv));
        fixed (nint* planes = Handles(mv)) Native.merge(planes, mv.Length, dst);
        GC.KeepAlive(mv);
    }

    public static unsafe void Split(Mat src, out Mat[] mv)
    {
        ArgumentNullException.ThrowIfNull(src);
        mv = new Mat[src.Channels()];
        for (var i = 0; i < mv.Length; i++) mv[i] = new Mat();
        fixed (nint* planes = Handles(mv)) Native.split(src, planes);
        GC.KeepAlive(mv);
    }

    public static Mat[] Split(Mat src)
    {
        Split(src, out var mv);
        return mv;
    }

    private static nint[] Handles(Mat[] mats)
    {
        var handles = new nint[mats.Length];
        for (var i = 0; i < mats.Length; i++)
        {
            var mat = mats[i] ?? throw new ArgumentException($"Plane {i} is null.", nameof(mats));
            mat.ThrowIfDisposed();
            handles[i] = mat.CvPtr;
        }

        return handles;
    }

    public static void CopyMakeBorder(InputArray src, OutputArray dst, int top, int bottom, int left, int right,
        BorderTypes borderType, Scalar? value = null) =>
        Native.copy_make_border(src, dst, top, bottom, left, right, borderType, value ?? default);

    public static string GetVersionString()
    {
        Native.version_string(out var text);
        return Marshal.PtrToStringUTF8(text) ?? "";
    }

    public static string GetBuildInformation()
    {
        Native.build_information(out var text);
        return Marshal.PtrToStringUTF8(text) ?? "";
    }

    public static void SetNumThreads(int nThreads) => Native.set_num_threads(nThreads);

    public static int GetNumThreads()
    {
        Native.get_num_threads(out var count);
        return count;
    }
}
