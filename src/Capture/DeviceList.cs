using OpenCvSharp;
using RealtimeSsl.Capture.Microphone;

namespace RealtimeSsl.Capture;

/// <summary>A device, as the command line takes it.</summary>
/// <param name="Name">What to give to <c>--source</c> or <c>--microphone</c>.</param>
/// <param name="Description">What it calls itself.</param>
public sealed record Device(string Name, string Description);

/// <summary>The cameras and microphones of this machine.</summary>
public static class DeviceList
{
    private const int MostCameras = 10;
    private const string V4l = "/sys/class/video4linux";

    /// <summary>The cameras, by index.</summary>
    public static IReadOnlyList<Device> Cameras() => OperatingSystem.IsLinux() ? LinuxCameras() : ProbedCameras();

    /// <summary>The microphones, by name. None where the sound system is not to be had.</summary>
    public static IReadOnlyList<Device> Microphones()
    {
        try
        {
            return [.. MicrophoneBackend.List().Select(m => new Device(m.Name, m.Description))];
        }
        catch (Exception e) when (e is DllNotFoundException or System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>The way out for someone whose microphone was not found.</summary>
    internal static string MicrophoneHint() => Microphones() is { Count: > 0 } there
        ? $"there are {string.Join(", ", there.Select(d => d.Name))}"
        : "this machine has none (--microphone none runs without sound)";

    /// <summary>The way out for someone whose camera was not found.</summary>
    internal static string CameraHint() => Cameras() is { Count: > 0 } there
        ? $"there are {string.Join(", ", there.Select(d => $"{d.Name} ({d.Description})"))}"
        : "this machine has none; a file, a URL or 'synthetic' will do as a source";

    private static List<Device> LinuxCameras()
    {
        if (!Directory.Exists(V4l))
        {
            return [];
        }

        // A camera has several nodes, of which index 0 gives pictures; the others give metadata.
        return [.. Directory.EnumerateDirectories(V4l)
            .Where(d => Read(Path.Combine(d, "index")) is "0" or "")
            .Select(d => (Node: Path.GetFileName(d), Label: Read(Path.Combine(d, "name"))))
            .Where(d => d.Node.StartsWith("video", StringComparison.Ordinal) && int.TryParse(d.Node[5..], out _))
            .OrderBy(d => int.Parse(d.Node[5..], System.Globalization.CultureInfo.InvariantCulture))
            .Select(d => new Device(d.Node[5..], d.Label))];

        static string Read(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }

    private static List<Device> ProbedCameras()
    {
        var found = new List<Device>();
        for (var index = 0; index < MostCameras; index++)
        {
            using var capture = new VideoCapture(index, VideoCaptureAPIs.DSHOW);
            if (!capture.IsOpened())
            {
                break;
            }

            found.Add(new Device(index.ToString(System.Globalization.CultureInfo.InvariantCulture), $"camera, {capture.FrameWidth}x{capture.FrameHeight}"));
        }

        return found;
    }
}
