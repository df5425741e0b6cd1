using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RealtimeSsl.Tests.Support;

/// <summary>Reads recordings back with FFmpeg, as a player would.</summary>
internal static class Media
{
    /// <summary>Runs ffmpeg or ffprobe; what it wrote to its standard output.</summary>
    public static byte[] Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["-hide_banner", "-v", "error", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), $"{program} does not end");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
        return output.ToArray();
    }

    /// <summary>One value per line of ffprobe's compact output.</summary>
    public static List<string> Probe(string file, params string[] arguments) =>
        [.. Encoding.UTF8.GetString(Run("ffprobe", [.. arguments, "-of", "csv=p=0", file]))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd(',', '\r'))];

    /// <summary>Times of the pictures as a player shows them, in seconds.</summary>
    public static List<double> PictureTimes(string file) =>
        [.. Probe(file, "-select_streams", "v:0", "-show_entries", "frame=pts_time").Select(Number)];

    /// <summary>Length of the container, in seconds.</summary>
    public static double Duration(string file) => Number(Probe(file, "-show_entries", "format=duration")[0]);

    /// <summary>Length of a stream ("v:0", "a:0"), in seconds.</summary>
    public static double Duration(string file, string stream) =>
        Number(Probe(file, "-select_streams", stream, "-show_entries", "stream=duration")[0]);

    /// <summary>Kinds of the streams.</summary>
    public static List<string> Streams(string file) => Probe(file, "-show_entries", "stream=codec_type");

    /// <summary>Mean brightness of each picture, 0..255.</summary>
    public static byte[] Brightness(string file) =>
        Run("ffmpeg", "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-");

    /// <summary>The sound on the player's timeline, mono, 48 kHz: sample i is heard at i / 48000 s.</summary>
    public static float[] Sound(string file) =>
        MemoryMarshal.Cast<byte, float>(Run(
            "ffmpeg", "-i", file, "-map", "0:a:0", "-af", "aresample=48000:async=1:first_pts=0", "-ac", "1", "-f", "f32le", "-")).ToArray();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
