using System.Globalization;
using System.Text.Json;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>
/// Our own recordings: run folders, as they are or in a folder of runs. <c>detections.jsonl</c> says for each frame when it was and which sound
/// the engine had heard by then; frames are taken from <c>source.mp4</c> (else from <c>annotated.mp4</c>, overlay and all), and the window of
/// sound ends where the engine's ended. Left out: silence (no level), what the engine took for off screen (presence), and frames less than a
/// stride after the last one taken.
/// </summary>
/// <remarks>Both recordings begin with the first frame of the log, so a frame's place in them is its time less the first one's.</remarks>
internal static class RunFolders
{
    private const string Log = "detections.jsonl";
    private const string Raw = "source.mp4";
    private static readonly string[] Recordings = [Raw, "annotated.mp4", "annotated.part.mp4"];

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

        if (Path.GetFileName(recording) != Raw)
        {
            notes.Add("runs with only the annotated recording: the overlay is in the pictures; record the source too", name);
        }

        double? first = null, last = null;
        foreach (var line in Lines(run, name, notes))
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
