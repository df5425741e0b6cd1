using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// The maps of a two-stream package. Samples are taken picture by picture, so that each distinct picture (by content) passes the image network once; each
/// distinct sound passes the audio network once and its embedding is kept. All that remains per sample is the head. Files are decoded a few pictures ahead, on
/// a thread of their own, while the networks compute.
/// </summary>
/// <param name="model">The package; belongs to this object from here on.</param>
/// <param name="objects">A package that sees objects, or null; likewise.</param>
/// <param name="media">Decoder.</param>
/// <param name="problems">Where unreadable media are told.</param>
/// <param name="clipSeconds">Length that sounds are brought to first; 0: as they are.</param>
/// <param name="seed">Of the noise.</param>
public sealed class TwoStreamMaps(TwoStreamModel model, ObjectModel? objects, ISampleMedia media, Problems problems, double clipSeconds, int seed) : IMapMaker
{
    /// <summary>Pictures, with their sounds, that are decoded ahead of the networks.</summary>
    private const int Ahead = 4;

    private readonly SoundLibrary _library = new(media, problems, seed);
    private readonly Saliency _saliency = new(objects);
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

    /// <summary>How often the image network ran: once per distinct picture.</summary>
    public int PicturesSeen { get; private set; }

    /// <summary>How often the audio network ran: once per distinct sound, and for silence and noise.</summary>
    public int SoundsHeard { get; private set; }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SampleMaps> MakeAsync(
        IReadOnlyList<(Located Sample, Located? Stranger)> samples, [EnumeratorCancellation] CancellationToken stop)
    {
        _silence ??= Hear(Features(new float[ClipWindow.Samples(model.Manifest.AudioFrontEnd)], null));
        _noise ??= Hear(Features(_library.Noise(ClipWindow.Samples(model.Manifest.AudioFrontEnd)), null));
        var decoded = Channel.CreateBounded<Decoded>(Ahead);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var decoding = Task.Run(() => DecodeAsync(samples, decoded.Writer, end.Token), CancellationToken.None);
        try
        {
            var sounds = new Dictionary<SoundKey, float[]>();
            await foreach (var item in decoded.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                foreach (var (key, features) in item.Sounds)
                {
                    sounds[key] = Hear(features);
                }

                foreach (var maps in Join(item, sounds))
                {
                    stop.ThrowIfCancellationRequested();
                    yield return maps;
                }
            }
        }
        finally
        {
            // Whatever went wrong there came through the channel already.
            await end.CancelAsync().ConfigureAwait(false);
            await decoding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        model.Dispose();
        objects?.Dispose();
    }

    private IEnumerable<SampleMaps> Join(Decoded item, Dictionary<SoundKey, float[]> sounds)
    {
        var map = model.See(item.Seen.Bgr, item.Seen.Width, item.Seen.Height).ToArray();
        PicturesSeen++;

        // No evidence of silence: a running engine answers it without the network, and nothing is to be calibrated on it.
        var (summary, silence, noise) = (model.Summary(map), Join(map, _silence!) with { Evidence = float.NaN }, Join(map, _noise!));
        foreach (var (sample, stranger) in item.Samples.Where(s => sounds.ContainsKey(SoundKey.Of(s.Sample))))
        {
            var sound = sounds[SoundKey.Of(sample)];
            var projected = model.Project(map, sound);
            yield return new SampleMaps
            {
                Index = sample.Index, Rows = model.Rows, Cols = model.Cols, Own = Join(map, sound), Silence = silence, Noise = noise,
                Other = stranger is not null && sounds.TryGetValue(SoundKey.Of(stranger), out var other) ? Join(map, other) : null,
                Salient = item.Salient.Map, SalientRows = item.Salient.Rows, SalientCols = item.Salient.Cols, PictureVector = summary, SoundVector = sound,
                PictureProjected = projected?.Picture ?? [], SoundProjected = projected?.Sound ?? [],
            };
        }
    }

    private HeardMap Join(float[] map, float[] sound)
    {
        var scores = new float[model.Rows * model.Cols];
        var evidence = model.Join(map, sound, scores);
        return new HeardMap(scores, evidence);
    }

    private float[] Hear(float[] features)
    {
        SoundsHeard++;
        return model.Hear(features);
    }

    private float[] Features(float[] sound, double? at) => ClipWindow.Features(model.Manifest.AudioFrontEnd, sound, clipSeconds, at);

    /// <summary>Decodes in the order in which the networks are to see: each picture with those of its sounds that were not there before.</summary>
    private async Task DecodeAsync(IReadOnlyList<(Located Sample, Located? Stranger)> samples, ChannelWriter<Decoded> decoded, CancellationToken stop)
    {
        try
        {
            var (keys, heard) = (new Dictionary<string, string>(), new Dictionary<SoundKey, bool>());
            foreach (var picture in samples.GroupBy(s => Key(s.Sample, keys)))
            {
                stop.ThrowIfCancellationRequested();
                if (_library.See(picture.First().Sample, stop) is not { } seen)
                {
                    foreach (var (sample, _) in picture.Skip(1))
                    {
                        _library.Tell("picture_unreadable", sample.Sample.Name);
                    }

                    continue;
                }

                var sounds = new List<(SoundKey, float[])>();
                foreach (var (sample, stranger) in picture)
                {
                    if (Take(sample) && stranger is not null)
                    {
                        Take(stranger);
                    }
                }

                await decoded.WriteAsync(new Decoded([.. picture], seen, _saliency.See(seen), sounds), stop).ConfigureAwait(false);

                bool Take(Located sample)
                {
                    var key = SoundKey.Of(sample);
                    if (!heard.TryGetValue(key, out var there))
                    {
                        var sound = _library.Read(sample, model.Manifest.AudioFrontEnd.Rate, stop);
                        heard[key] = there = sound is not null;
                        if (sound is not null)
                        {
                            sounds.Add((key, Features(sound, sample.SoundAt)));
                        }
                    }

                    if (!there)
                    {
                        _library.Tell("without_sound_left_out", sample.Sample.Name);
                    }

                    return there;
                }
            }

            decoded.Complete();
        }
        catch (Exception e)
        {
            decoded.Complete(e);
        }
    }

    /// <summary>Copies of one picture are one picture; a video is known by its name, since reading it for a hash would cost more than it saves.</summary>
    private static string Key(Located sample, Dictionary<string, string> known)
    {
        if (MediaKinds.IsVideo(sample.Picture))
        {
            return $"{sample.Picture}@{sample.Sample.At}";
        }

        return known.TryGetValue(sample.Picture, out var key)
            ? key
            : known[sample.Picture] = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(sample.Picture)));
    }

    private readonly record struct SoundKey(string File, double? At)
    {
        public static SoundKey Of(Located sample) => new(sample.Sound, sample.SoundAt);
    }

    /// <summary>A picture, its samples, and what the audio network has not heard of theirs before.</summary>
    private sealed record Decoded(
        IReadOnlyList<(Located Sample, Located? Stranger)> Samples, Picture Seen, (float[] Map, int Rows, int Cols) Salient, IReadOnlyList<(SoundKey Key, float[] Features)> Sounds);
}
