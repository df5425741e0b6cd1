using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Makes ordinary recordings of the part files that an engine left when it was killed, or lost its power: those of the same camera and layer in the recordings'
/// folder. What somebody may still be writing is left alone, and looked at again later.
/// </summary>
internal sealed class Leftovers(RecorderContext context, string folder, RecordingLayer layer)
{
    // Where files cannot be locked (network shares), only time tells that nobody writes.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostPerFile = TimeSpan.FromMinutes(2);

    // What is still fresh after so many looks grows under somebody else's hand.
    private const int MostLooks = 5;

    private readonly HashSet<string> _seen = [];
    private readonly Counter _recovered = context.Counters[$"{context.Name}.files.recovered"];
    private int _looks;

    /// <summary>Whether another look may find something.</summary>
    public bool IsOn { get; private set; } = true;

    /// <summary>Looks for them, and makes ordinary files of them until told to stop.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public async Task RunAsync(Func<bool> stop)
    {
        var later = false;
        var files = Retention.Find(folder, "*" + RecordingFile.PartEnding)
            .Where(f => f.Directory!.Name == context.Stream.Camera && Retention.Stem(f.Name).Contains(".source", StringComparison.Ordinal) == (layer == RecordingLayer.Source));
        foreach (var file in files.OrderBy(f => f.FullName, StringComparer.Ordinal).TakeWhile(_ => !stop()))
        {
            if (RecordingFile.IsGrowing(file.FullName) || _seen.Contains(file.FullName))
            {
                continue;
            }

            if (IsInUse(file))
            {
                later = true;
                continue;
            }

            _seen.Add(file.FullName);
            await RecoverAsync(file).ConfigureAwait(false);
        }

        IsOn = later && ++_looks < MostLooks;
    }

    private bool IsInUse(FileInfo file)
    {
        try
        {
            // A recorder has it open, which forbids us to have it alone.
            using var alone = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.None);
            return context.Clock.ToUtc(context.Clock.Now) - file.LastWriteTimeUtc < Fresh;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task RecoverAsync(FileInfo file)
    {
        var stem = Retention.Stem(file.FullName);
        var name = Path.GetRelativePath(folder, file.FullName);
        try
        {
            var (seconds, frames) = Measure(file.FullName);
            if (frames == 0)
            {
                context.Log.Warn($"{context.Name}: {name} was left by a run that was killed before a picture was in it; it can be deleted");
                return;
            }

            if (File.Exists(stem + ".mp4"))
            {
                // It was killed after the ordinary file had its name, which it gets when it is whole, and before this one was deleted.
                file.Delete();
            }
            else
            {
                using var limit = new CancellationTokenSource(MostPerFile);
                await RecordingFile.MakeOrdinaryAsync(context.Settings, file.FullName, stem + ".mp4", null, limit.Token).ConfigureAwait(false);
            }

            Describe(stem + ".json", seconds, frames);
            _recovered.Add();
            context.Log.Info(string.Create(
                CultureInfo.InvariantCulture, $"{context.Name}: {name} was left by a run that was killed; it is {Path.GetFileName(stem)}.mp4 now, {seconds:0.0} s"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or JsonException or InvalidOperationException)
        {
            context.Log.Warn($"{context.Name}: {name} was left by a run that was killed, and keeps this name ({e.Message.TrimEnd('.')})");
        }
    }

    // As far as whole parts go.
    private static (double Seconds, int Frames) Measure(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new PartReader(file, new EncoderRun(TimeSpan.Zero, TimeSpan.Zero));
        var (end, frames) = (TimeSpan.Zero, 0);
        while (reader.Read() is { } part)
        {
            (end, frames) = (part.End > end ? part.End : end, frames + part.Pictures);
            part.Dispose();
        }

        return (end.TotalSeconds, frames);
    }

    // The rest was written when it began.
    private static void Describe(string sidecar, double seconds, int frames)
    {
        var json = JsonNode.Parse(File.ReadAllText(sidecar))!.AsObject();
        (json["complete"], json["recovered"], json["seconds"], json["frames"]) = (true, true, Math.Round(seconds, 3), frames);
        if (json["seq"] is JsonArray { Count: 2 } seq)
        {
            // Which ones were lost in between went with the run.
            seq[1] = (long)seq[0]! + frames - 1;
        }

        File.WriteAllText(sidecar + ".part", json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.Move(sidecar + ".part", sidecar, overwrite: true);
    }
}
