using System.Globalization;
using System.Text.Json;

namespace RealtimeSsl.Capture.Files;

/// <summary>
/// A recording that this engine made, found by its run folder or by its file: what to play, and when it was captured, so that a replay has the
/// times of the original. What was recorded is said by the file beside it, <c>NAME.json</c> (<c>docs/schemas/recording.json</c>).
/// </summary>
/// <param name="Video">The file to play.</param>
/// <param name="MediaOrigin">The original's own media time at the file's time zero; zero for what was live.</param>
/// <param name="StartedAt">UTC of the file's time zero; null if nobody wrote it down.</param>
/// <param name="IsAnnotated">Whether the overlay is part of the picture: a replay then sees it, too.</param>
public sealed record Recording(string Video, TimeSpan MediaOrigin, DateTime? StartedAt, bool IsAnnotated)
{
    /// <summary>Whether it was closed in order; a crash leaves one that was not.</summary>
    public bool Complete => !Video.EndsWith(".part.mp4", StringComparison.Ordinal);

    private const string Schema = "realtimessl/recording/1";

    // The raw picture first; what a crash left behind plays, too.
    private static readonly string[] Names = ["source.mp4", "source.part.mp4", "annotated.mp4", "annotated.part.mp4"];

    /// <summary>The recording at a path; null if there is none.</summary>
    /// <param name="path">A run folder, or a recorded file.</param>
    public static Recording? Find(string path)
    {
        if (File.Exists(path))
        {
            return Describe(path);
        }

        if (!Directory.Exists(path) || !File.Exists(Path.Combine(path, "detections.jsonl")) && !File.Exists(Path.Combine(path, "config.yaml")))
        {
            return null;
        }

        var video = Names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists);
        return video is null ? null
            : Describe(video) ?? new Recording(video, TimeSpan.Zero, null, Path.GetFileName(video).StartsWith("annotated", StringComparison.Ordinal));
    }

    private static Recording? Describe(string video)
    {
        try
        {
            var stem = video.EndsWith(".part.mp4", StringComparison.Ordinal) ? video[..^".part.mp4".Length] : Path.ChangeExtension(video, null);
            if (!File.Exists(stem + ".json"))
            {
                return null;
            }

            using var sidecar = JsonDocument.Parse(File.ReadAllBytes(stem + ".json"));
            var root = sidecar.RootElement;
            if (!root.GetProperty("schema").ValueEquals(Schema))
            {
                return null;
            }

            var origin = root.GetProperty("media_origin");
            var started = DateTime.Parse(
                root.GetProperty("started_at").GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            var seconds = origin.ValueKind == JsonValueKind.Number ? origin.GetDouble() : 0;
            return new Recording(video, TimeSpan.FromSeconds(seconds), started, root.GetProperty("layer").ValueEquals("annotated"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            // Some other program's file of that name: the video is a video all the same.
            return null;
        }
    }
}
