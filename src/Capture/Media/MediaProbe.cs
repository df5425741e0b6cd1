using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>What a media file holds.</summary>
/// <param name="HasVideo">Whether it has pictures (cover art does not count).</param>
/// <param name="HasAudio">Whether it has sound.</param>
/// <param name="Width">Width of its pictures in pixels, before any turn that the file asks for; 0 without.</param>
/// <param name="Height">Their height, likewise.</param>
/// <param name="Rate">Hz of its first sound; 0 without.</param>
/// <param name="Channels">Channels of its first sound; 0 without.</param>
/// <param name="Fps">Mean frames per second, if known.</param>
/// <param name="Duration">Length, if known.</param>
/// <param name="Indexed">Pictures and sound can be read independently. (MPEG-TS, opened twice, would let both begin at the same time,
/// though they do not.)</param>
public sealed record MediaFacts(bool HasVideo, bool HasAudio, int Width, int Height, int Rate, int Channels, double? Fps, TimeSpan? Duration, bool Indexed);

/// <summary>Asks ffprobe what a local file holds before we decode it, so that a wrong file is an error in plain words at once.</summary>
public static class MediaProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What the file holds.</summary>
    /// <exception cref="SourceException">There is no such file, or it is no media file.</exception>
    public static async Task<MediaFacts> ProbeAsync(string path, CancellationToken token)
    {
        if (Directory.Exists(path))
        {
            throw new SourceException($"{path} is a directory, not a media file");
        }

        if (!File.Exists(path))
        {
            throw new SourceException($"{path}: no such file");
        }

        var start = FfmpegChild.Prepare(
            "ffprobe",
            [
                "-v", "error", "-hide_banner", "-of", "json", "-show_entries",
                "format=format_name,duration:stream=codec_type,width,height,sample_rate,channels,avg_frame_rate:stream_disposition=attached_pic",
                "-i", FfmpegArguments.Url(path),
            ]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Patience);
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var answer = process.StandardOutput.ReadToEndAsync(limit.Token);
            var complaints = await process.StandardError.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            var json = await answer.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            var last = complaints.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(FfmpegLine.Clean).LastOrDefault(l => !l.StartsWith("file:", StringComparison.Ordinal));
            return process.ExitCode == 0 ? Facts(path, json) : throw NoMedia(path, complaints, last);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new SourceException($"{path}: ffprobe gave no answer within {Patience.TotalSeconds:0} s; is the disk there?");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static SourceException NoMedia(string path, string complaints, string? last)
    {
        if (complaints.Contains("Permission denied", StringComparison.Ordinal))
        {
            return new SourceException($"{path}: permission denied");
        }

        var why = new FileInfo(path).Length == 0 ? "it is empty"
            : complaints.Contains("moov atom not found", StringComparison.Ordinal) ? "no index (moov): cut short, or not an MP4 at all"
            : last is null ? "ffprobe does not know it" : $"ffprobe: {last}";
        return new SourceException($"{path} is not a media file that can be read ({why})");
    }

    private static MediaFacts Facts(string path, string json)
    {
        using var document = JsonDocument.Parse(json);
        var format = document.RootElement.GetProperty("format");
        var container = format.GetProperty("format_name").GetString()!;
        if (container == "tty")
        {
            throw new SourceException($"{path} is not a media file but text");
        }

        var streams = document.RootElement.GetProperty("streams").EnumerateArray().ToArray();
        var video = Array.Find(streams, s => Is(s, "video") && !Cover(s));
        var audio = Array.Find(streams, s => Is(s, "audio") && Number(s, "sample_rate") > 0 && Number(s, "channels") > 0);
        var (hasVideo, hasAudio) = (video.ValueKind == JsonValueKind.Object, audio.ValueKind == JsonValueKind.Object);
        return new MediaFacts(
            hasVideo,
            hasAudio,
            hasVideo ? (int)(Number(video, "width") ?? 0) : 0,
            hasVideo ? (int)(Number(video, "height") ?? 0) : 0,
            hasAudio ? (int)Number(audio, "sample_rate")! : 0,
            hasAudio ? (int)Number(audio, "channels")! : 0,
            hasVideo ? Fraction(video, "avg_frame_rate") : null,
            Number(format, "duration") is { } seconds and > 0 and < 1e8 ? TimeSpan.FromSeconds(seconds) : null,
            container.Split(',').Any(f => f is "mp4" or "matroska" or "avi"));
    }

    private static bool Is(JsonElement stream, string type) => stream.TryGetProperty("codec_type", out var t) && t.GetString() == type;

    private static bool Cover(JsonElement stream) =>
        stream.TryGetProperty("disposition", out var d) && d.TryGetProperty("attached_pic", out var a) && a.GetInt32() != 0;

    private static double? Number(JsonElement element, string name) => !element.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? Fraction(JsonElement element, string name)
    {
        var parts = element.TryGetProperty(name, out var value) ? value.GetString()!.Split('/') : [];
        return parts.Length == 2
            && double.TryParse(parts[0], CultureInfo.InvariantCulture, out var num)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var den) && num > 0 && den > 0 ? num / den : null;
    }
}
