using OpenCvSharp.Interop;

namespace OpenCvSharp;

// Encoded pictures in memory and on disk, and windows.

public static partial class Cv2
{
    public static unsafe bool ImEncode(string ext, InputArray img, out byte[] buf, int[]? prms = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(ext);
        Native.im_encode(ext, img, prms, prms?.Length ?? 0, out var bytes, out var length, out var done);
        buf = new ReadOnlySpan<byte>((void*)bytes, checked((int)length)).ToArray();
        return done != 0;
    }

    public static void ImEncode(string ext, InputArray img, out byte[] buf, params ImageEncodingParam[] prms) =>
        ImEncode(ext, img, out buf, Pairs(prms));

    public static Mat ImDecode(byte[] buf, ImreadModes flags)
    {
        ArgumentNullException.ThrowIfNull(buf);
        return ImDecode(buf.AsSpan(), flags);
    }

    public static Mat ImDecode(ReadOnlySpan<byte> span, ImreadModes flags)
    {
        if (span.IsEmpty) throw new ArgumentException("There are no bytes to decode.", nameof(span));
        var image = new Mat();
        Native.im_decode(span, span.Length, flags, image);
        return image;
    }

    public static Mat ImDecode(Mat buf, ImreadModes flags) => ImDecode((InputArray)buf, flags);

    public static Mat ImDecode(InputArray buf, ImreadModes flags)
    {
        var image = new Mat();
        Native.im_decode_array(buf, flags, image);
        return image;
    }

    /// <summary>The picture in the file; an empty matrix where there is none.</summary>
    public static Mat ImRead(string fileName, ImreadModes flags = ImreadModes.Color)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        var image = new Mat();
        Native.im_read(fileName, flags, image);
        return image;
    }

    public static bool ImWrite(string fileName, Mat img, int[]? prms = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        Native.im_write(fileName, img, prms, prms?.Length ?? 0, out var done);
        return done != 0;
    }

    public static bool ImWrite(string fileName, Mat img, params ImageEncodingParam[] prms) => ImWrite(fileName, img, Pairs(prms));

    private static int[] Pairs(ImageEncodingParam[] prms)
    {
        ArgumentNullException.ThrowIfNull(prms);
        return [.. prms.SelectMany(p => new[] { (int)p.EncodingId, p.Value })];
    }

    public static void ImShow(string winName, Mat mat) => Native.im_show(winName, mat);

    public static int WaitKey(int delay = 0)
    {
        Native.wait_key(delay, out var key);
        return key;
    }

    public static void NamedWindow(string winName, WindowFlags flags = WindowFlags.Normal) => Native.named_window(winName, flags);

    public static void DestroyAllWindows() => Native.destroy_all_windows();
}
