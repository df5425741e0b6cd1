using RealtimeSsl.Cli.Running;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Cache;
using RealtimeSsl.Training.Data.Layouts;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Learning;

/// <summary>What a run learns from and what it is judged on: recordings and collections by <c>--data PATH</c>, endless scenes by <c>--data synthetic</c>.</summary>
/// <param name="Training">Learned from.</param>
/// <param name="Held">Held out; null if nothing is.</param>
/// <param name="Scenes">Scenes with known boxes made of what is held out; null if there are none.</param>
/// <param name="Report">What was found: lines for people.</param>
internal sealed record TrainData(IClipSet Training, IClipSet? Held, IClipSet? Scenes, IReadOnlyList<string> Report) : IDisposable
{
    private const string Synthetic = "synthetic";
    private const long CacheBytes = 20L << 30;
    private MediaCache? Cache { get; init; }

    /// <summary>Whether a <c>--data</c> names the built-in scenes.</summary>
    public static bool IsSynthetic(string data) => data == Synthetic || data.StartsWith(Synthetic + ":", StringComparison.Ordinal);

    /// <summary>Finds and decodes.</summary>
    /// <exception cref="UsageException">They cannot be taken together.</exception>
    public static TrainData Load(
        IReadOnlyList<string> data, TrainSettings s, ImageFrontEnd image, AudioFrontEnd audio, string cacheFolder, IClock clock, ILog log, CancellationToken stop)
    {
        var scenes = data.Where(IsSynthetic).ToList();
        if (scenes.Count > 0)
        {
            return data.Count == 1 ? Scene(scenes[0], s, image, audio)
                : throw new UsageException($"--data {scenes[0]}: the endless scenes cannot be mixed with other data; train on one, then on the other with --from");
        }

        var cache = new MediaCache(cacheFolder, CacheBytes, clock, log);
        try
        {
            var options = new LayoutOptions { WindowSeconds = audio.WindowSeconds, Stride = s.Input.Stride, MinPresence = s.Input.MinPresence };
            var sets = TrainingSets.Load(
                data, options, MediaFormat.For(Math.Max(image.Width, image.Height), audio.Rate) with { Motion = Methods.Package(s).Flow is not null }, s.Validation.Share, s.Seed, cache, new FfmpegMediaReader(), log,
                p => log.Info($"{p}"), stop);
            return new TrainData(sets.Training, sets.Validation, Mosaics(sets.Validation, s, image), sets.Report) { Cache = cache };
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Cache?.Dispose();

    private static TrainData Scene(string data, TrainSettings s, ImageFrontEnd image, AudioFrontEnd audio)
    {
        var name = data.Length > Synthetic.Length ? data[(Synthetic.Length + 1)..] : "demo";
        string[] kinds = name switch
        {
            "demo" => ["ball", "bird", "drum", "face"],
            "duet" => ["drum", "face"],
            _ => throw new UsageException($"--data {data}: scenes in which several things sound are synthetic:demo (ball, bird, drum, face) and synthetic:duet (drum, face)"),
        };
        var height = Math.Max(112, Math.Max(image.Width, image.Height) * 9 / 8);
        var training = new SyntheticClips(2 * s.Seed, s.Input.SyntheticPairs, audio.Rate, height, kinds: kinds);
        var held = new SyntheticClips(2 * s.Seed + 1, Math.Max(2, s.Validation.Scenes), audio.Rate, height, fixedMoments: true, kinds);
        return new TrainData(training, held, s.Validation.Scenes > 0 ? held : null,
            [$"{training.Name}: {s.Input.SyntheticPairs} new ones in each epoch; {held.Pictures} others are held out, {held.Count} sounds in all"]);
    }

    /// <summary>Mosaics need two clips that differ; where only one kind of thing was recorded there are none.</summary>
    private static MosaicClips? Mosaics(IClipSet? held, TrainSettings s, ImageFrontEnd image) =>
        held is null || s.Validation.Scenes == 0 || held.Count < 4 ? null
            : new MosaicClips(held, new MosaicOptions { Scenes = s.Validation.Scenes, Side = Math.Max(image.Width, image.Height), Seed = s.Seed, Most = held.Classes.Count is > 0 and < 4 ? Math.Max(2, held.Classes.Count) : 4 });
}
