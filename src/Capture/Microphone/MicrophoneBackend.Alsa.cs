#pragma warning disable CA1416 // Built on this system only: see the project file.
using NAudio.Wave;
using NAudio.Wave.Alsa;

namespace RealtimeSsl.Capture.Microphone;

/// <summary>Microphones through ALSA; those of PulseAudio and PipeWire are its devices <c>pulse</c> and <c>pulse:SOURCE</c>. This file is built on Linux.</summary>
internal static class MicrophoneBackend
{
    // Of what ALSA lists, these are plugins that convert or throw away; nobody means them when asking for a microphone.
    private static readonly string[] Plugins = ["null", "samplerate", "speexrate", "lavrate", "speex", "upmix", "vdownmix", "jack", "oss", "usbstream"];

    // ALSA lists the way to PulseAudio also where no server runs.
    private const string Pulse = "pulse";

    /// <summary>Names and descriptions of the microphones, as <c>--microphone</c> takes them.</summary>
    public static IReadOnlyList<(string Name, string Description)> List() =>
        [.. AlsaDeviceEnumerator.GetCaptureDevices()
            .Where(d => !Array.Exists(Plugins, p => d.Name == p || d.Name.StartsWith(p + ":", StringComparison.Ordinal)))
            .Where(d => d.Name != Pulse || Answers(Pulse))
            .Select(d => (d.Name, d.Description.Replace('\n', ' ')))];

    /// <summary>Opens a microphone.</summary>
    /// <param name="device">A name of the list; <c>default</c> takes the system's own choice.</param>
    /// <param name="rate">Hz.</param>
    /// <param name="channels">1 or more.</param>
    /// <exception cref="AlsaException">It is not there, or does not take that format.</exception>
    public static IWaveIn Open(string device, int rate, int channels) => new AlsaIn(device) { WaveFormat = new WaveFormat(rate, 16, channels) };

    private static bool Answers(string device)
    {
        try
        {
            using var probe = new AlsaIn(device);
            return true;
        }
        catch (AlsaException)
        {
            return false;
        }
    }
}
