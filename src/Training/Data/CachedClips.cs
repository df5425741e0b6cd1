using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OpenCvSharp;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data.Cache;
using RealtimeSsl.Training.Data.Layouts;

namespace RealtimeSsl.Training.Data;

/// <summary>
/// A list whose media are in the cache: what training reads. What could not be decoded and what is silent is left out; <see cref="List"/> is
/// what stayed and says in its notes what went. Reading is a copy out of mapped memory.
/// </summary>
public sealed class CachedClips : IClipSet
{
    /// <summary>Level (RMS, re full scale) below which it is silent: -60 dBFS, as in the engine.</summary>
    private const double Silence = 1e-3;
    private const int Block = 160;

    private readonly CachedMedia[] _pictures;
    private readonly CachedMedia?[] _motions;
    private readonly Recording[] _sounds;
    private readonly Dictionary<string, int[]> _siblings;

    private CachedClips(ClipList list, MediaFormat format, CachedMedia[] pictures, CachedMedia?[] motions, Recording[] sounds)
    {
        (List, Format, _pictures, _motions, _sounds) = (list, format, pictures, motions, sounds);
        _siblings = Enumerable.Range(0, pictures.Length).GroupBy(p => list.Pictures[p].Clip).ToDictionary(g => g.Key, g => g.ToArray());
    }

    /// <summary>What of a recording is used: its samples without silent ends (where it has no moment of its own), and the window's middle.</summary>
    private readonly record struct Recording(CachedMedia Media, int First, int Count, int Middle)
    {
        public ReadOnlySpan<short> Samples => MemoryMarshal.Cast<byte, short>(Media.Bytes).Slice(First, Count);
    }

    /// <summary>What is in the set, and what was left out.</summary>
    public ClipList List { get; }

    /// <summary>How the media are kept.</summary>
    public MediaFormat Format { get; }

    /// <inheritdoc/>
    public string Name => List.Name;

    /// <inheritdoc/>
    public int Count => List.Pairs.Count;

    /// <inheritdoc/>
    public int Pictures => _pictures.Length;

    /// <inheritdoc/>
    public int Sounds => _sounds.Length;

    /// <inheritdoc/>
    public int Rate => Format.Rate;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => List.Classes;

    /// <summary>Decodes what is missing in the cache, and makes the set of what can be used.</summary>
    /// <param name="list">What a layout found.</param>
    /// <param name="format">How the media are kept.</param>
    /// <param name="cache">Where; to be disposed after the set.</param>
    /// <param name="reader">Decodes.</param>
    /// <param name="windowSeconds">Windows as long as this are looked at for silence.</param>
    /// <param name="log">Told the names of damaged files.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="token">Gives up; what was decoded until then is kept.</param>
    /// <exception cref="TrainingDataException">Nothing can be used, or the cache is full.</exception>
    public static CachedClips Load(
        ClipList list,
        MediaFormat format,
        MediaCache cache,
        IMediaReader reader,
        double windowSeconds,
        ILog log,
        Action<DataProgress>? progress = null,
        CancellationToken token = default)
    {
        var keys = new CacheFiller(cache, format, reader, log).Fill(list, progress, token);
        var notes = new Notes();
        var pictures = Array.ConvertAll(keys.Pictures, k => Find(cache, k, CachedKind.Picture, notes));
        var motions = Array.ConvertAll(keys.Motions, k => k is { } key ? Find(cache, key, CachedKind.Motion, new Notes()) : null);
        if (format.Motion)
        {
            for (var i = 0; i < pictures.Length; i++)
            {
                if (pictures[i] is not null && motions[i] is not { Bytes.Length: > 0 })
                {
                    notes.Add("pictures that stand still (their motion is zero)", list.Pictures[i].Path);
                }
            }
        }

        var sounds = new Recording?[keys.Sounds.Length];
        for (var i = 0; i < sounds.Length; i++)
        {
            if (Find(cache, keys.Sounds[i], CachedKind.Sound, notes) is { } media)
            {
                sounds[i] = Heard(media, list.Sounds[i].At, format.Rate, windowSeconds);
                if (sounds[i] is null)
                {
                    notes.Add("sounds that are silent", list.Sounds[i].Path);
                }
            }
        }

        var kept = list.Where(p => pictures[p] is not null, s => sounds[s] is not null);
        kept = kept with { Notes = [.. list.Notes, .. notes.Lines] };
        return kept.Pairs.Count > 0
            ? new CachedClips(kept, format, [.. pictures.OfType<CachedMedia>()], [.. motions.Where((_, i) => pictures[i] is not null)], [.. sounds.OfType<Recording>()])
            : throw new TrainingDataException($"{list.Name}: nothing can be used ({string.Join("; ", kept.Notes)})");
    }

    /// <inheritdoc/>
    public ClipPair Pair(int index, ref SeededRandom random)
    {
        var pair = List.Pairs[index];
        return new ClipPair(pair.Picture, pair.Sounds[pair.Sounds.Count == 1 ? 0 : random.Below(pair.Sounds.Count)]);
    }

    /// <inheritdoc/>
    public int SiblingOf(int picture, ref SeededRandom random)
    {
        var all = _siblings[List.Pictures[picture].Clip];
        if (all.Length == 1)
        {
            return picture;
        }

        var other = all[random.Below(all.Length - 1)];
        return other == picture ? all[^1] : other;
    }

    /// <inheritdoc/>
    public ClipInfo Describe(ClipPair pair)
    {
        var item = List.Pairs[PairOf[pair.Picture]];
        return new ClipInfo(item.Id, item.Class, List.Pictures[pair.Picture].Group, []);
    }

    /// <inheritdoc/>
    public unsafe void ReadPicture(int picture, Mat into)
    {
        var media = _pictures[picture];
        into.Create(media.Height, media.Width, MatType.CV_8UC3);
        media.Bytes.CopyTo(into.AsSpan<byte>());
    }

    /// <inheritdoc/>
    public bool ReadMotion(int picture, Mat into) => _motions[picture] is { } media && CachedMotion.Read(media, into);

    /// <inheritdoc/>
    public void ReadSound(int sound, int shift, Span<float> window)
    {
        var recording = _sounds[sound];
        var samples = recording.Samples;
        var first = recording.Middle - window.Length / 2 + shift;
        if (samples.Length >= window.Length)
        {
            first = Math.Clamp(first, 0, samples.Length - window.Length);
            Copy(samples.Slice(first, window.Length), window);
            return;
        }

        // Shorter than the window: again and again.
        first = (first % samples.Length + samples.Length) % samples.Length;
        while (window.Length > 0)
        {
            var part = Math.Min(window.Length, samples.Length - first);
            Copy(samples.Slice(first, part), window);
            window = window[part..];
            first = 0;
        }
    }

    private int[] PairOf => field ??= Index();

    private int[] Index()
    {
        var pairOf = new int[_pictures.Length];
        for (var i = 0; i < List.Pairs.Count; i++)
        {
            pairOf[List.Pairs[i].Picture] = i;
        }

        return pairOf;
    }

    private static CachedMedia? Find(MediaCache cache, UInt128 key, CachedKind kind, Notes notes)
    {
        if (!cache.TryGet(key, out var media))
        {
            throw new TrainingDataException($"{cache.Folder}: another program has removed parts of this cache; start again, or name another folder");
        }

        if (media.Kind == kind)
        {
            return media;
        }

        notes.Add("pictures or sounds that cannot be decoded", media.Complaint);
        return null;
    }

    /// <summary>Null where it is silent.</summary>
    private static Recording? Heard(CachedMedia media, double? at, int rate, double windowSeconds)
    {
        var samples = MemoryMarshal.Cast<byte, short>(media.Bytes);
        var window = (int)(windowSeconds * rate);
        if (at is { } seconds)
        {
            var middle = (int)Math.Clamp(Math.Round(seconds * rate), 0, samples.Length);
            var from = Math.Clamp(middle - window / 2, 0, Math.Max(0, samples.Length - window));
            return Level(samples.Slice(from, Math.Min(window, samples.Length - from))) >= Silence
                ? new Recording(media, 0, samples.Length, middle) : null;
        }

        // Collections pad short sounds with silence to a common length: that is no part of them.
        var (first, last) = (0, samples.Length);
        while (first < last && Level(samples[first..Math.Min(last, first + Block)]) < Silence)
        {
            first = Math.Min(last, first + Block);
        }

        while (last > first && Level(samples[Math.Max(first, last - Block)..last]) < Silence)
        {
            last = Math.Max(first, last - Block);
        }

        return last > first ? new Recording(media, first, last - first, (last - first) / 2) : null;
    }

    private static double Level(ReadOnlySpan<short> samples)
    {
        var sum = 0L;
        foreach (var sample in samples)
        {
            sum += sample * sample;
        }

        return samples.Length == 0 ? 0 : Math.Sqrt((double)sum / samples.Length) / 32768;
    }

    private static void Copy(ReadOnlySpan<short> samples, Span<float> window)
    {
        TensorPrimitives.ConvertTruncating(samples, window[..samples.Length]);
        TensorPrimitives.Multiply(window[..samples.Length], 1 / 32768f, window[..samples.Length]);
    }
}
