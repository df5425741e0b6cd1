using System.Globalization;
using System.Runtime.InteropServices;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>What an ffmpeg child makes of a file, whole: the one way in which evaluation and training hear.</summary>
internal static class FfmpegDecoder
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What every child is told.</summary>
    public static IReadOnlyList<string> General { get; } = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+error", "-threads", "1"];

    /// <summary>All sound, mixed to mono; sample i is heard at i / rate: holes and a late begin are silence. Empty if there is none in it.</summary>
    /// <exception cref="SourceException">It cannot be decoded.</exception>
    public static short[] Sound(string path, int rate, CancellationToken stop)
    {
        var bytes = Output(
            path,
            [
                "-i", FfmpegArguments.Url(path), "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0",
                "-ac", "1", "-ar", rate.ToString(CultureInfo.InvariantCulture), "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1",
            ],
            stop);
        return MemoryMarshal.Cast<byte, short>(bytes.AsSpan(0, bytes.Length & ~1)).ToArray();
    }

    /// <summary>The first picture at or after a time, as a bitmap file; empty if there is none.</summary>
    /// <exception cref="SourceException">It cannot be decoded.</exception>
    public static byte[] Bitmap(string path, double second, CancellationToken stop) => Output(
        path,
        [
            "-ss", second.ToString("0.######", CultureInfo.InvariantCulture), "-i", FfmpegArguments.Url(path),
            "-map", "0:V:0", "-frames:v", "1", "-c:v", "bmp", "-f", "image2pipe", "pipe:1",
        ],
        stop);

    /// <summary>Waits for a child's end.</summary>
    /// <exception cref="SourceException">It failed.</exception>
    public static void End(FfmpegChild child, string path)
    {
        if (child.WaitForExit(Patience) is not 0)
        {
            throw new SourceException($"{path}: cannot be decoded (ffmpeg: {child.LastLine})");
        }
    }

    private static byte[] Output(string path, string[] arguments, CancellationToken stop)
    {
        if (!File.Exists(path))
        {
            throw new SourceException($"{path}: not there");
        }

        using var child = FfmpegChild.Start([.. General, .. arguments]);
        using var end = stop.Register(child.Kill);
        using var bytes = new MemoryStream();
        child.Output.CopyTo(bytes);
        stop.ThrowIfCancellationRequested();
        End(child, path);
        return bytes.ToArray();
    }
}
