using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using OpenCvSharp.Interop;

namespace OpenCvSharp;

/// <summary>Frames from a camera, a file, a URL or a GStreamer pipeline. What cannot be opened is no error: ask <see cref="IsOpened"/>.</summary>
[NativeMarshalling(typeof(HandleMarshaller<VideoCapture>))]
public class VideoCapture : CvObject
{
    public VideoCapture() => Native.capture_new(out handle);

    public VideoCapture(int index, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY) : this(index, apiPreference, [])
    {
    }

    public VideoCapture(int index, VideoCaptureAPIs apiPreference, VideoCapturePara prms) : this(index, apiPreference, Parameters(prms))
    {
    }

    /// <summary><paramref name="prms"/> are pairs of a property and its value.</summary>
    public VideoCapture(int index, VideoCaptureAPIs apiPreference, int[] prms) : this()
    {
        ArgumentNullException.ThrowIfNull(prms);
        CaptureType = CaptureType.Camera;
        Native.capture_open_camera(this, index, apiPreference, prms, prms.Length, out _);
    }

    public VideoCapture(string fileName, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY) : this(fileName, apiPreference, [])
    {
    }

    public VideoCapture(string fileName, VideoCaptureAPIs apiPreference, VideoCapturePara prms) : this(fileName, apiPreference, Parameters(prms))
    {
    }

    public VideoCapture(string fileName, VideoCaptureAPIs apiPreference, int[] prms) : this()
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        ArgumentNullException.ThrowIfNull(prms);
        CaptureType = CaptureType.File;
        Native.capture_open_file(this, fileName, apiPreference, prms, prms.Length, out _);
    }

    ~VideoCapture() => Dispose(false);

    private static int[] Parameters(VideoCapturePara prms) => prms is null ? throw new ArgumentNullException(nameof(prms)) : prms.GetParameters();

    protected override void DisposeUnmanaged()
    {
        if (handle != 0) Native.capture_delete(handle);
        handle = 0;
        base.DisposeUnmanaged();
    }

    public bool Open(int index, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY)
    {
        Native.capture_open_camera(this, index, apiPreference, [], 0, out var done);
        if (done != 0) CaptureType = CaptureType.Camera;
        return done != 0;
    }

    public bool Open(string fileName, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY)
    {
        Native.capture_open_file(this, fileName, apiPreference, [], 0, out var done);
        if (done != 0) CaptureType = CaptureType.File;
        return done != 0;
    }

    public bool IsOpened()
    {
        Native.capture_is_opened(this, out var opened);
        return opened != 0;
    }

    /// <summary>Closes the device or file; the object can be opened again.</summary>
    public void Release() => Native.capture_release(this);

    public bool Grab()
    {
        Native.capture_grab(this, out var done);
        return done != 0;
    }

    public bool Retrieve(Mat image, int flag = 0) => Retrieve((OutputArray)image, flag);

    public bool Retrieve(OutputArray image, int flag = 0)
    {
        Native.capture_retrieve(this, image, flag, out var done);
        return done != 0;
    }

    public bool Read(Mat image) => Read((OutputArray)image);

    public bool Read(OutputArray image)
    {
        Native.capture_read(this, image, out var done);
        return done != 0;
    }

    public double Get(VideoCaptureProperties propertyId) => Get((int)propertyId);

    public double Get(int propertyId)
    {
        Native.capture_get(this, propertyId, out var value);
        return value;
    }

    public bool Set(VideoCaptureProperties propertyId, double value) => Set((int)propertyId, value);

    public bool Set(int propertyId, double value)
    {
        Native.capture_set(this, propertyId, value, out var done);
        return done != 0;
    }

    public string GetBackendName()
    {
        Native.capture_backend(this, out var name);
        return Marshal.PtrToStringUTF8(name) ?? "";
    }

    public CaptureType CaptureType { get; private set; } = CaptureType.NotSpecified;

    public int PosMsec
    {
        get => (int)Get(VideoCaptureProperties.PosMsec);
        set => Set(VideoCaptureProperties.PosMsec, value);
    }

    public int FrameCount => (int)Get(VideoCaptureProperties.FrameCount);

    public int FrameWidth
    {
        get => (int)Get(VideoCaptureProperties.FrameWidth);
        set => SetOnCamera(VideoCaptureProperties.FrameWidth, value);
    }

    public int FrameHeight
    {
        get => (int)Get(VideoCaptureProperties.FrameHeight);
        set => SetOnCamera(VideoCaptureProperties.FrameHeight, value);
    }

    public double Fps
    {
        get => Get(VideoCaptureProperties.Fps);
        set => SetOnCamera(VideoCaptureProperties.Fps, value);
    }

    /// <summary>The codec's four characters.</summary>
    public string FourCC
    {
        get
        {
            var code = (int)Get(VideoCaptureProperties.FourCC);
            return new string([(char)(byte)code, (char)(byte)(code >> 8), (char)(byte)(code >> 16), (char)(byte)(code >> 24)]);
        }
        set => SetOnCamera(VideoCaptureProperties.FourCC, OpenCvSharp.FourCC.FromString(value).Value);
    }

    private void SetOnCamera(VideoCaptureProperties property, double value)
    {
        if (CaptureType == CaptureType.File) throw new NotSupportedException("Only for cameras");
        Set(property, value);
    }
}
