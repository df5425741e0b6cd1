using System.Globalization;
using System.Text.Json;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>
/// Our own recordings: run folders, as they are or in a folder of runs. <c>detections.jsonl</c> says for each frame when it was and which sound
/// the engine had heard by then; frames are taken from <c>source.mp4</c> (else from <c>annotated.mp4</c>, overlay and all), and the window of
/// sound ends where the engine's ended. Left out: silence (no level), what the engine took for off screen (presence), and frames less than a
/// stride after the last one taken.
/// </summary>
/// <remarks>
/// A recording's sidecar says which frames of the log are in it, for it may have been switched on later; a frame's place in it is its time less its first one's.
/// </remarks>
internal static class RunFolders
{
    private const string Log = "detections.jsonl";
    private const string Raw = "source.mp4";
    private static readonly string[] Recordings = [Raw, "source.part.mp4", "annotated.mp4", "annotated.part.mp4"];

    public static bool Is(string folder) =>
        File.Exists(Path.Combine(folder, Log)) || Directory.EnumerateDirectories(folder).Any(f => File.Exists(Path.Combine(f, Log)));

    public static ClipList List(string folder, LayoutOptions options)
    {
        var notes = new Notes();
        var build = new PairBuilder();
        string[] runs = File.Exists(Path.Combine(folder, Log))
            ? [folder]
            : [.. Directory.EnumerateDirectories(folder).Where(f => File.Exists(Path.Combine(f, Log))).Order(StringComparer.Ordinal)];
        foreach (var run in runs)
        {
            Add(run, options, build, notes);
        }

        return build.List(folder, notes);
    }

    private static void Add(string run, LayoutOptions options, PairBuilder build, Notes notes)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(run));
        if (Recording(run) is not { } recording)
        {
            notes.Add("runs without a recording (source.mp4 or annotated.mp4)", name);
            return;
        }

        if (Path.GetFileName(recording).StartsWith("annotated", StringComparison.Ordinal))
        {
            notes.Add("runs with only the annotated recording: the overlay is in the pictures; record the source too", name);
        }

        double? first = null, last = null;
        var (from, to) = Frames(recording);
        foreach (var line in Lines(run, name, notes).Where(l => l.Seq >= from && l.Seq <= to))
        {
            first ??= line.Time;
            var at = line.Time - first.Value;
            if (line.Heard is not { } heard)
            {
                notes.Add("frames in silence", $"{name}, frame {line.Seq}");
            }
            else if (line.Presence < options.MinPresence)
            {
                notes.Add("frames whose sound does not seem to come from the picture", $"{name}, frame {line.Seq}");
            }
            else if (last is null || at - last >= options.Stride - 1e-6)
            {
                last = at;
                var group = string.Create(CultureInfo.InvariantCulture, $"{name}#{(int)(at / options.GroupSeconds)}");
                build.Add(recording, at, recording, at - heard - options.WindowSeconds / 2, name, group, null);
            }
        }
    }

    /// <summary>Numbers of the first and the last frame in a recording; all, where nothing says so.</summary>
    private static (long From, long To) Frames(string recording)
    {
        var sidecar = Path.Combine(Path.GetDirectoryName(recording)!, Path.GetFileName(recording).Split('.')[0] + ".json");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(sidecar));
            var seq = json.RootElement.GetProperty("seq");
            return seq.ValueKind != JsonValueKind.Array ? (0, long.MaxValue)
                : (seq[0].GetInt64(), json.RootElement.GetProperty("complete").GetBoolean() ? seq[1].GetInt64() : long.MaxValue);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Whoever made this folder otherwise recorded all of it.
            return (0, long.MaxValue);
        }
    }

    private static string? Recording(string run) => Recordings.Select(n => Path.Combine(run, n)).FirstOrDefault(File.Exists);

    /// <summary>Heard: seconds from the end of the sound that the engine had to the frame; null in silence.</summary>
    private static IEnumerable<(long Seq, double Time, double? Heard, double Presence)> Lines(string run, string name, Notes notes)
    {
        foreach (var text in File.ReadLines(Path.Combine(run, Log)))
        {
            (long, double, double?, double) line;
            try
            {
                using var document = JsonDocument.Parse(text);
                var root = document.RootElement;
                var audio = root.GetProperty("audio");
                var silent = audio.ValueKind != JsonValueKind.Object || audio.GetProperty("dbfs").ValueKind == JsonValueKind.Null;

                // Files have a time of their own; live, the moment of capture is as good.
                var media = root.GetProperty("media_time");
                var time = media.ValueKind == JsonValueKind.Number
                    ? media.GetDouble()
                    : (root.GetProperty("captured_at").GetDateTime() - DateTime.UnixEpoch).TotalSeconds;
                line = (
                    root.GetProperty("seq").GetInt64(),
                    time,
                    silent ? null : audio.GetProperty("offset_ms").GetDouble() / 1000,
                    root.GetProperty("presence").GetDouble());
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                // The last line of a run that was killed is cut short; any other is damage that one should hear of.
                notes.Add("lines of detections.jsonl that are no frame message", name);
                continue;
            }

            yield return line;
        }
    }
}
