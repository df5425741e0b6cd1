using System.Globalization;
using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Camera;

/// <summary>Opens an OpenCV capture for what a person typed, asks it for what is wanted, and tells what it gives.</summary>
internal static class CameraDevice
{
    private const string Pipeline = "gst:";

    /// <summary>Opens it.</summary>
    /// <exception cref="SourceException">There is no such camera, or it is busy; the message lists those that are there.</exception>
    public static VideoCapture Open(CameraOptions options, ILog log)
    {
        var capture = new VideoCapture();
        if (!TryOpen(capture, options.Device))
        {
            capture.Dispose();
            throw new SourceException(options.Device.StartsWith(Pipeline, StringComparison.Ordinal)
                ? $"GStreamer pipeline '{options.Device[Pipeline.Length..]}' does not start: try it with gst-launch-1.0; it must end in appsink"
                : $"camera '{options.Device}' cannot be opened: it is missing, busy or not permitted; {DeviceList.CameraHint()}");
        }

        Ask(capture, options, log);
        return capture;
    }

    private static bool TryOpen(VideoCapture capture, string device)
    {
        if (device.StartsWith(Pipeline, StringComparison.Ordinal))
        {
            return capture.Open(device[Pipeline.Length..], VideoCaptureAPIs.GSTREAMER);
        }

        var api = OperatingSystem.IsWindows() ? VideoCaptureAPIs.DSHOW : OperatingSystem.IsLinux() ? VideoCaptureAPIs.V4L2 : VideoCaptureAPIs.ANY;
        if (int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            // OpenCV complains at length about a device file that is not there.
            return (!OperatingSystem.IsLinux() || File.Exists($"/dev/video{index}")) && capture.Open(index, api);
        }

        if (device.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return File.Exists(device) && capture.Open(device, api);
        }

        var named = DeviceList.Cameras().FirstOrDefault(d => d.Description.StartsWith(device, StringComparison.OrdinalIgnoreCase));
        return named is not null && capture.Open(int.Parse(named.Name, CultureInfo.InvariantCulture), api);
    }

    private static void Ask(VideoCapture capture, CameraOptions options, ILog log)
    {
        if (options.Fourcc.Length == 4)
        {
            // First of all: many cameras have their larger pictures only in this or that format.
            var (a, b, c, d) = (options.Fourcc[0], options.Fourcc[1], options.Fourcc[2], options.Fourcc[3]);
            capture.Set(VideoCaptureProperties.FourCC, VideoWriter.FourCC(a, b, c, d));
        }

        Set(VideoCaptureProperties.FrameWidth, options.Width);
        Set(VideoCaptureProperties.FrameHeight, options.Height);
        Set(VideoCaptureProperties.Fps, options.Fps);

        // Newest wins: what waits in the driver is old. Not every driver listens.
        capture.Set(VideoCaptureProperties.BufferSize, 1);

        var asked = string.Create(CultureInfo.InvariantCulture, $"{options.Width}x{options.Height} at {options.Fps:0.##} fps {options.Fourcc}");
        var given = string.Create(
            CultureInfo.InvariantCulture, $"{capture.FrameWidth}x{capture.FrameHeight} at {capture.Fps:0.##} fps through {capture.GetBackendName()}");
        log.Info($"camera {options.Device}: asked for {asked} (0: its own choice), gives {given}");

        void Set(VideoCaptureProperties property, double value)
        {
            if (value > 0)
            {
                capture.Set(property, value);
            }
        }
    }
}
