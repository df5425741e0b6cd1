using System.Diagnostics;
using RealtimeSsl.Capture.Files;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Export;

namespace RealtimeSsl.Cli.Running;

/// <summary>
/// Pictures with their sound, as a package's front ends give them: moments of videos, or of the built-in scenes, and pictures and sounds of one class
/// (<c>CLASS/images</c>, <c>CLASS/audio</c>). The same files give the same samples.
/// </summary>
internal sealed class CalibrationData(ModelManifest manifest, int wanted, ConsoleLog log)
{
    /// <summary>Of a long video, what is looked at.</summary>
    private const double LongestSeconds = 120;

    private static readonly string[] Scenes = ["demo", "drum", "face", "bird", "ball", "duet"];

    private readonly List<CalibrationSample> _samples = [];

    /// <summary>Collects samples.</summary>
    /// <param name="data">Videos and folders; none: the built-in scenes.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="UsageException">There is nothing in them.</exception>
    public async Task<IReadOnlyList<CalibrationSample>> CollectAsync(IReadOnlyList<string> data, CancellationToken stop)
    {
        List<Item> items = data.Count == 0 ? [.. Scenes.Select(s => new Item(s, null))] : [.. data.SelectMany(Find)];
        if (items.Count > wanted)
        {
            items = [.. Enumerable.Range(0, wanted).Select(i => items[(int)((long)i * items.Count / wanted)])];
        }

        var (began, each) = (Stopwatch.GetTimestamp(), (int)Math.Ceiling((double)wanted / items.Count));
        for (var i = 0; i < items.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            var left = Stopwatch.GetElapsedTime(began) * ((double)(items.Count - i) / Math.Max(1, i));
            log.Status(FormattableString.Invariant($"reading {Path.GetFileName(items[i].Picture)}, {i + 1} of {items.Count}{(i > 0 ? $", {left.TotalSeconds:0} s left" : "")}"));
            try
            {
                await (items[i].Sound is { } sound ? PairAsync(items[i].Picture, sound, stop)
                    : data.Count == 0 ? SceneAsync(items[i].Picture, each, stop)
                    : VideoAsync(items[i].Picture, each, stop)).ConfigureAwait(false);
            }
            catch (SourceException e)
            {
                log.Warn($"not used: {e.Message}");
            }
        }

        log.Status("");
        return _samples;
    }

    private static List<Item> Find(string path)
    {
        if (File.Exists(path))
        {
            return [new Item(path, null)];
        }

        if (!Directory.Exists(path))
        {
            throw new UsageException($"--data {path}: neither a file nor a folder");
        }

        List<Item> items;
        if (ClassFolder.Is(path))
        {
            var classes = ClassFolder.Read(path, FolderSplit.All);
            items = [.. classes.Classes.SelectMany(c => classes.Pictures[c].Select((p, i) => new Item(p.Path, classes.Sounds[c][i % classes.Sounds[c].Count].Path)))];
        }
        else
        {
            items = [.. FileList.Find(path).Where(f => !MediaKinds.IsPicture(f)).Select(f => new Item(f, null))];
        }

        return items.Count > 0 ? items : throw new UsageException($"--data {path}: no video, and no pictures and sounds as CLASS/images and CLASS/audio");
    }

    private async Task SceneAsync(string scene, int count, CancellationToken stop)
    {
        // Drawn small and seldom: a network sees 224 x 224.
        var options = new SyntheticOptions { Scene = scene, Live = false, Width = 320, Height = 180, Fps = 5, Seconds = 2 * count };
        await using var source = new SyntheticSource(options, Context());
        await WatchAsync(source, source, options.Seconds, count, stop).ConfigureAwait(false);
    }

    private async Task VideoAsync(string file, int count, CancellationToken stop)
    {
        await using var source = await MediaSource.OpenAsync(new MediaOptions { Input = file }, Context(), stop).ConfigureAwait(false);
        if (!source.HasAudio)
        {
            throw new SourceException($"{file} has no sound");
        }

        await WatchAsync(source, source, Math.Min(source.Video.Duration?.TotalSeconds ?? LongestSeconds, LongestSeconds), count, stop).ConfigureAwait(false);
    }

    private async Task WatchAsync(IVideoSource video, IAudioSource audio, double seconds, int count, CancellationToken stop)
    {
        var context = Context();
        using var collector = new Collector(manifest, TimeSpan.FromSeconds(seconds / (count + 1)), count, _samples);
        var parts = new EngineParts("calibration", video, audio, collector, [], "");
        var engine = new Engine(
            parts, new EngineSettings { Seconds = seconds }, new DetectorSettings(), new TrackerSettings(), context.Clock, context.Counters, context.Log);
        await engine.RunAsync(stop).ConfigureAwait(false);
    }

    private async Task PairAsync(string picture, string sound, CancellationToken stop)
    {
        var context = Context();
        var image = new float[manifest.ImageFrontEnd.Length];
        await using (var source = await MediaSource.OpenAsync(new MediaOptions { Input = picture, WantAudio = false }, context, stop).ConfigureAwait(false))
        {
            using var frame = await source.Frames.ReadAsync(stop).ConfigureAwait(false);
            new ImageTensor(manifest.ImageFrontEnd).Fill(frame, image);
        }

        var frontEnd = manifest.AudioFrontEnd;
        var analyzer = new AudioAnalyzer(frontEnd, context.Counters, history: TimeSpan.FromSeconds(LongestSeconds));
        var end = TimeSpan.Zero;
        await using (var source = await MediaSource.OpenAsync(new MediaOptions { Input = sound, WantVideo = false }, context, stop).ConfigureAwait(false))
        {
            await foreach (var block in source.Blocks.ReadAllAsync(stop).ConfigureAwait(false))
            {
                using (block)
                {
                    end = block.Time + TimeSpan.FromSeconds((double)block.Length / block.Rate);
                    analyzer.Push(block);
                }

                if (end.TotalSeconds > frontEnd.WindowSeconds)
                {
                    break;
                }
            }
        }

        analyzer.End();
        var window = analyzer.WindowAt(end);
        if (!window.Exists)
        {
            throw new SourceException($"{sound} is too short");
        }

        var heard = new float[frontEnd.Rows * frontEnd.Columns];
        window.CopyTo(heard);
        _samples.Add(new CalibrationSample(image, heard));
    }

    private static SourceContext Context() => new(new MonotonicClock(), new Counters(), new QuietLog());

    /// <summary>A video, a scene, or a picture and a sound.</summary>
    private readonly record struct Item(string Picture, string? Sound);

    /// <summary>Takes part in a run as a localizer that finds nothing, and keeps what one would have read at even times.</summary>
    private sealed class Collector(ModelManifest manifest, TimeSpan every, int count, List<CalibrationSample> samples) : ILocalizer
    {
        private readonly ImageTensor _tensor = new(manifest.ImageFrontEnd);
        private TimeSpan? _next;
        private int _taken;

        public LocalizerInfo Info { get; } = new("calibration", null, new DeviceChoice("cpu", "cpu", null));

        public AudioFrontEnd FrontEnd => manifest.AudioFrontEnd;

        public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
        {
            output.Heatmap.Resize(1, 1);
            output.Heatmap.Scores.Clear();
            output.Presence = 0;
            _next ??= frame.Time + every;
            if (_taken == count || frame.Time < _next || audio.Dbfs is null)
            {
                return;
            }

            (_next, _taken) = (frame.Time + every, _taken + 1);
            var (picture, sound) = (new float[manifest.ImageFrontEnd.Length], new float[FrontEnd.Rows * FrontEnd.Columns]);
            _tensor.Fill(frame, picture);
            audio.CopyTo(sound);
            samples.Add(new CalibrationSample(picture, sound));
        }

        public void Reset()
        {
        }

        public void Dispose()
        {
        }
    }
}
