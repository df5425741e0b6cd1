using System.Globalization;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>What a person reads on the terminal when a run is over.</summary>
internal static class Report
{
    /// <summary>Prints it.</summary>
    public static void Print(TextWriter to, RunSummary summary, string folder, string? verdict, RecordingSettings recording)
    {
        var culture = CultureInfo.InvariantCulture;
        to.WriteLine(string.Create(
            culture, $"{summary.FramesProcessed} frames, {summary.MediaSeconds:0.0} s, in {summary.WallSeconds:0.0} s ({summary.Fps:0.0} fps); {summary.Ended}"));
        to.WriteLine(string.Create(culture, $"{summary.Tracks} tracks; something was seen to sound on {100 * summary.SoundingShare:0} % of the frames"));
        if (verdict is not null)
        {
            to.WriteLine(verdict);
        }

        to.WriteLine("Speed in ms, p50 / p95 / p99 / max: " + string.Join(", ", summary.LatencyMs.Select(
            s => string.Create(culture, $"{s.Key} {s.Value.P50:0.0} / {s.Value.P95:0.0} / {s.Value.P99:0.0} / {s.Value.Max:0.0}"))));
        var dropped = summary.FramesDropped.Where(d => d.Value > 0).Select(d => $"{d.Value} {d.Key.Replace('_', ' ')}").ToList();
        to.WriteLine($"Dropped frames: {(dropped.Count > 0 ? string.Join(", ", dropped) : "none")}");

        // What only shows things may skip frames by design; its drops are in the summary, not here.
        var troubles = summary.Counters
            .Where(c => !c.Key.StartsWith("video.dropped", StringComparison.Ordinal) && !c.Key.EndsWith(".newest_wins", StringComparison.Ordinal)
                && !c.Key.EndsWith(".written", StringComparison.Ordinal))
            .Select(c => $"{c.Key} {c.Value}")
            .ToList();
        if (troubles.Count > 0)
        {
            to.WriteLine($"Counted: {string.Join(", ", troubles)}");
        }

        var files = summary.Counters.Where(c => c.Key.EndsWith(".files.written", StringComparison.Ordinal)).Sum(c => c.Value);
        if (files > 0 && recording.Mode != RecordingMode.Run)
        {
            to.WriteLine($"Recordings: {files} file{(files == 1 ? "" : "s")} under {Path.GetFullPath(recording.Folder)}");
        }

        to.WriteLine($"Run folder: {folder}");
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            to.WriteLine($"  {Path.GetFileName(file),-18} {Describe(Path.GetFileName(file))}".TrimEnd());
        }
    }

    private static string Describe(string file) => file switch
    {
        _ when file.StartsWith("annotated", StringComparison.Ordinal) && file.EndsWith(".mp4", StringComparison.Ordinal) => "the picture with what was found, and the sound",
        _ when file.StartsWith("source", StringComparison.Ordinal) && file.EndsWith(".mp4", StringComparison.Ordinal) => "the picture as it was captured, and the sound",
        _ when file.EndsWith(".json", StringComparison.Ordinal) && file != "summary.json" => "when and how that was recorded",
        "detections.jsonl" => "one message per frame",
        "events.jsonl" => "what began to sound, and when it ended",
        "summary.json" => "the run in figures",
        "config.yaml" => "the settings as they took effect",
        "truth.jsonl" => "what was true in the synthetic scene",
        "heatmaps.npy" => "raw scores, float32 [frames, rows, cols]",
        "heatmaps.csv" => "which frame each heatmap belongs to",
        _ => "",
    };
}
