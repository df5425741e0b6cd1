using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Data.Cache;

/// <summary>
/// Decodes what a list names and the cache does not hold yet, each file once, several at a time. A file that cannot be decoded is named, counted
/// and remembered; it stops nothing.
/// </summary>
/// <param name="cache">Where it goes.</param>
/// <param name="format">How it is kept.</param>
/// <param name="reader">Decodes.</param>
/// <param name="log">Told the names of damaged files.</param>
internal sealed class CacheFiller(MediaCache cache, MediaFormat format, IMediaReader reader, ILog log)
{
    // A file's container often promises a little more than its pictures hold.
    private const double MostMissing = 1;
    private const int MostNamed = 20;
    private int _named;

    /// <summary>The keys of all pictures and sounds of a list, in its order; of motions where they are wanted and can be known.</summary>
    public sealed record Keys(UInt128[] Pictures, UInt128?[] Motions, UInt128[] Sounds);

    /// <summary>Decodes what is missing.</summary>
    public Keys Fill(ClipList list, Action<DataProgress>? progress, CancellationToken token)
    {
        var keys = new Keys([.. list.Pictures.Select(Key)], [.. list.Pictures.Select(MotionKey)], [.. list.Sounds.Select(Key)]);
        var jobs = Jobs(list, keys);
        var meter = new ProgressMeter("decoding", jobs.Count, progress);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = token };
        try
        {
            Parallel.ForEach(Partitioner.Create(jobs, EnumerablePartitionerOptions.NoBuffering), parallel, job => meter.Done(!Decode(job, token)));
        }
        catch (AggregateException e)
        {
            // One of the threads' reasons, in its own words.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        finally
        {
            // Stopped half-way, what is done stays done.
            cache.Flush();
        }

        meter.Finish();
        if (_named > MostNamed)
        {
            log.Warn($"{_named - MostNamed} more files cannot be used");
        }

        return keys;
    }

    private sealed record Job(string Path)
    {
        public List<Wanted> Pictures { get; } = [];

        public UInt128? Sound { get; set; }
    }

    /// <summary>A still picture, or a moment of a video; null for what is in the cache already.</summary>
    private readonly record struct Wanted(double? At, UInt128? Picture, UInt128? Motion);

    private UInt128? MotionKey(PictureItem picture) => format.Motion && picture.At is { } at
        ? KeyOf(picture.Path, string.Create(CultureInfo.InvariantCulture, $"motion {format.ShortSide} {at:0.000}")) : null;

    private UInt128 Key(PictureItem picture) => KeyOf(
        picture.Path,
        string.Create(CultureInfo.InvariantCulture, $"picture {format.ShortSide} {(picture.At is { } at ? $"{at:0.000}" : "still")}"));

    private UInt128 Key(SoundItem sound) => KeyOf(sound.Path, string.Create(CultureInfo.InvariantCulture, $"sound {format.Rate}"));

    private static UInt128 KeyOf(string path, string how)
    {
        try
        {
            return MediaCache.Key(path, how);
        }
        catch (IOException e)
        {
            throw new TrainingDataException($"{path}: has gone ({e.Message.TrimEnd('.')})", e);
        }
    }

    private List<Job> Jobs(ClipList list, Keys keys)
    {
        var jobs = new Dictionary<string, Job>();
        for (var i = 0; i < list.Pictures.Count; i++)
        {
            var wanted = new Wanted(list.Pictures[i].At, Missing(keys.Pictures[i]), Missing(keys.Motions[i]));
            if (wanted.Picture is not null || wanted.Motion is not null)
            {
                Of(list.Pictures[i].Path).Pictures.Add(wanted);
            }
        }

        for (var i = 0; i < list.Sounds.Count; i++)
        {
            if (!cache.TryGet(keys.Sounds[i], out _))
            {
                Of(list.Sounds[i].Path).Sound = keys.Sounds[i];
            }
        }

        return [.. jobs.Values];

        UInt128? Missing(UInt128? key) => key is { } k && !cache.TryGet(k, out _) ? key : null;

        Job Of(string path) => jobs.TryGetValue(path, out var job) ? job : jobs[path] = new Job(path);
    }

    /// <returns>Whether everything that was wanted could be decoded.</returns>
    private bool Decode(Job job, CancellationToken token)
    {
        var whole = true;
        if (job.Pictures.Count > 0)
        {
            whole = job.Pictures[0].At is null ? Still(job) : Video(job, token);
        }

        if (job.Sound is { } key)
        {
            try
            {
                var samples = reader.ReadSound(job.Path, format.Rate, token);
                cache.Add(key, CachedKind.Sound, format.Rate, 1, MemoryMarshal.AsBytes<short>(samples));
            }
            catch (TrainingDataException e) when (!token.IsCancellationRequested)
            {
                Complain(key, e.Message, whole);
                whole = false;
            }
        }

        return whole;
    }

    private bool Still(Job job)
    {
        using var picture = Cv2.ImRead(job.Path, ImreadModes.Color);
        foreach (var key in job.Pictures.Select(p => p.Picture!.Value))
        {
            if (picture.Empty())
            {
                Complain(key, $"{job.Path}: is no picture that can be read");
                return false;
            }

            using var rgb = new Mat();
            var scale = Math.Min(1, (double)format.ShortSide / Math.Min(picture.Width, picture.Height));
            var size = new Size(Math.Max(1, (int)Math.Round(picture.Width * scale)), Math.Max(1, (int)Math.Round(picture.Height * scale)));
            Cv2.Resize(picture, rgb, size, 0, 0, InterpolationFlags.Area);
            Cv2.CvtColor(rgb, rgb, ColorConversionCodes.BGR2RGB);
            Add(key, rgb);
        }

        return true;
    }

    /// <summary>The picture of a moment is the one that is on the screen then: the last that began at or before it.</summary>
    private bool Video(Job job, CancellationToken token)
    {
        var wanted = job.Pictures.OrderBy(p => p.At).ToArray();
        var next = 0;
        var (shownAt, beforeAt) = (double.NaN, double.NaN);
        string? complaint = null;
        using Mat one = new(), other = new();
        var (shown, before) = (one, other);
        var source = 0;
        try
        {
            source = Array.Exists(wanted, w => w.Motion is not null) ? reader.Probe(job.Path, token).ShortSide : 0;
            reader.ReadPictures(job.Path, format.ShortSide, See, token);
        }
        catch (TrainingDataException e) when (!token.IsCancellationRequested)
        {
            complaint = e.Message;
        }

        token.ThrowIfCancellationRequested();
        var end = complaint is null ? shownAt + MostMissing : shownAt;
        for (; next < wanted.Length && wanted[next].At <= end; next++)
        {
            Keep(wanted[next]);
        }

        for (var i = next; i < wanted.Length; i++)
        {
            Complain(wanted[i], complaint ?? string.Create(CultureInfo.InvariantCulture, $"{job.Path}: has no picture at {wanted[i].At:0.###} s"), i == next);
        }

        return next == wanted.Length;

        bool See(Mat picture, double at)
        {
            for (; next < wanted.Length && wanted[next].At < at - 1e-4 && !double.IsNaN(shownAt); next++)
            {
                Keep(wanted[next]);
            }

            (shown, before, beforeAt, shownAt) = (before, shown, shownAt, at);
            picture.CopyTo(shown);
            return next < wanted.Length;
        }

        void Keep(Wanted moment)
        {
            if (moment.Picture is { } picture)
            {
                Add(picture, shown);
            }

            if (moment.Motion is { } motion)
            {
                var scale = source > 0 ? (double)source / Math.Min(shown.Width, shown.Height) : 1;
                var (payload, size) = CachedMotion.Of(before, shown, shownAt - beforeAt, scale);
                cache.Add(motion, CachedKind.Motion, size.Width, size.Height, payload);
            }
        }
    }

    private void Add(UInt128 key, Mat rgb) => cache.Add(key, CachedKind.Picture, rgb.Width, rgb.Height, rgb.AsSpan<byte>());

    private void Complain(Wanted moment, string complaint, bool aloud)
    {
        foreach (var key in (ReadOnlySpan<UInt128?>)[moment.Picture, moment.Motion])
        {
            if (key is { } missing)
            {
                Complain(missing, complaint, aloud);
                aloud = false;
            }
        }
    }

    private void Complain(UInt128 key, string complaint, bool aloud = true)
    {
        cache.Add(key, CachedKind.Damaged, 0, 0, Encoding.UTF8.GetBytes(complaint));
        if (aloud && Interlocked.Increment(ref _named) <= MostNamed)
        {
            log.Warn($"left out: {complaint}");
        }
    }
}
