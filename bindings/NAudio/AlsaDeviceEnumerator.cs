using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace NAudio.Wave.Alsa;

/// <summary>A PCM that ALSA's configuration offers.</summary>
[SupportedOSPlatform("linux")]
public sealed class AlsaDeviceInfo
{
    internal AlsaDeviceInfo(string name, string description)
    {
        Name = name;
        Description = description;
    }

    /// <summary>What <see cref="AlsaIn(string)"/> takes.</summary>
    public string Name { get; }

    /// <summary>For people; may be empty or have several lines.</summary>
    public string Description { get; }

    public override string ToString() => $"{Name} ({Description})";
}

/// <summary>Lists what ALSA's name hints offer, PulseAudio and PipeWire (as "pulse") among them.</summary>
[SupportedOSPlatform("linux")]
public static class AlsaDeviceEnumerator
{
    public static IReadOnlyList<AlsaDeviceInfo> GetCaptureDevices()
    {
        var error = LibAsound.DeviceNameHint(-1, "pcm", out var hints);
        if (error < 0)
        {
            throw new AlsaException(error, "snd_device_name_hint");
        }

        try
        {
            var devices = new List<AlsaDeviceInfo>();
            for (var i = 0; Marshal.ReadIntPtr(hints, i * IntPtr.Size) is var hint && hint != 0; i++)
            {
                // A hint without a direction serves both.
                if (LibAsound.Hint(hint, "NAME") is { Length: > 0 } name && LibAsound.Hint(hint, "IOID") is null or "Input")
                {
                    devices.Add(new AlsaDeviceInfo(name, LibAsound.Hint(hint, "DESC") ?? ""));
                }
            }

            return devices;
        }
        finally
        {
            _ = LibAsound.DeviceNameFreeHint(hints);
        }
    }
}
