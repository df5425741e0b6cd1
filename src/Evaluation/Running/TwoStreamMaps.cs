using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// The maps of a two-stream package. Samples are taken picture by picture, so that each distinct picture (by content) passes the image network once; each
/// distinct sound passes the audio network once and its embedding is kept. All that remains per sample is the head.
/// </summary>
/// <param name="model">The package; belongs to this object from here on.</param>
/// <param name="objects">A package that sees objects, or null; likewise.</param>
/// <param name="media">Decoder.</param>
/// <param name="problems">Where unreadable media are told.</param>
/// <param name="clipSeconds">Length that sounds are brought to first; 0: as they are.</param>
/// <param name="seed">Of the noise.</param>
public sealed class TwoStreamMaps(TwoStreamModel model, ObjectModel? objects, IMediaReader media, Problems problems, double clipSeconds, int seed) : IMapMaker
{
    private readonly SoundLibrary _library = new(media, problems, seed);
    private readonly Saliency _saliency = new(objects);
    private readonly Dictionary<(string File, double? At), float[]?> _sounds = [];
    private float[]? _silence;
    private float[]? _noise;

    /// <inheritdoc/>
    public LocalizerInfo Info => model.Info;

    /// <inheritdoc/>
    public HeatmapUpsampling Upsampling => model.Manifest.Upsampling;

    /// <inheritdoc/>
    public float Temperature => model.Manifest.Head.Temperature;

    /// <inheritdoc/>
    public string SaliencyName => _saliency.Name;

    /// <summary>What the networks alone took: the rest of an evaluation is ours to keep small.</summary>
    public TimeSpan TrunkTime => model.TrunkTime;

    /// <summary>How often the image network ran: once per distinct picture.</summary>
    public int PicturesSeen { get; private set; }

    /// <summary>How often the audio network ran: once per distinct sound, and for silence and noise.</summary>
    public int SoundsHeard { get; private set; }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SampleMaps> MakeAsync(
        IReadOnlyList<(Located Sample, Located? Stranger)> samples, [EnumeratorCancellation] CancellationToken stop)
    {
        await Task.Yield();
        var frontEnd = model.Manifest.AudioFrontEnd;
        var window = ClipWindow.Samples(frontEnd);
        _silence ??= Hear(new float[window], null);
        _noise ??= Hear(_library.Noise(window), null);
        foreach (var picture in samples.GroupBy(s => Key(s.Sample)))
        {
            if (_library.See(picture.First().Sample, stop) is not { } seen)
            {
                foreach (var (sample, _) in picture.Skip(1))
                {
                    _library.Tell("picture_unreadable", sample.Sample.Name);
                }

                continue;
            }

            var map = model.See(seen.Bgr, seen.Width, seen.Height).ToArray();
            PicturesSeen++;
            var (summary, salient, silence, noise) = (model.Summary(map), _saliency.See(seen), Join(map, _silence), Join(map, _noise));
            foreach (var (sample, stranger) in picture)
            {
                stop.ThrowIfCancellationRequested();
                if (Sound(sample, stop) is not { } sound)
                {
                    continue;
                }

                yield return new SampleMaps
                {
                    Index = sample.Index, Rows = model.Rows, Cols = model.Cols, Own = Join(map, sound), Silence = silence, Noise = noise,
                    Other = stranger is not null && Sound(stranger, stop) is { } other ? Join(map, other) : null,
                    Salient = salient.Map, SalientRows = salient.Rows, SalientCols = salient.Cols, PictureVector = summary, SoundVector = sound,
                };
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        model.Dispose();
        objects?.Dispose();
    }

    private HeardMap Join(float[] map, float[] sound)
    {
        var scores = new float[model.Rows * model.Cols];
        var evidence = model.Join(map, sound, scores);
        return new HeardMap(scores, evidence);
    }

    private float[]? Sound(Located sample, CancellationToken stop)
    {
        var key = (sample.Sound, sample.SoundAt);
        if (!_sounds.TryGetValue(key, out var embedding))
        {
            embedding = _library.Read(sample, model.Manifest.AudioFrontEnd.Rate, stop) is { } sound ? Hear(sound, sample.SoundAt) : null;
            _sounds[key] = embedding;
        }

        if (embedding is null)
        {
            _library.Tell("without_sound_left_out", sample.Sample.Name);
        }

        return embedding;
    }

    private float[] Hear(float[] sound, double? at)
    {
        SoundsHeard++;
        return model.Hear(ClipWindow.Features(model.Manifest.AudioFrontEnd, sound, clipSeconds, at));
    }

    /// <summary>Copies of one picture are one picture; a video is known by its name, since reading it for a hash would cost more than it saves.</summary>
    private static string Key(Located sample) => MediaIndex.IsVideo(sample.Picture)
        ? $"{sample.Picture}@{sample.Sample.At}"
        : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(sample.Picture)));
}
