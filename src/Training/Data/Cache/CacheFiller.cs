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

    /// <summary>The keys of all pictures and sounds of a list, in its order.</summary>
    public sealed record Keys(UInt128[] Pictures, UInt128[] Sounds);

    /// <summary>Decodes what is missing.</summary>
    public Keys Fill(ClipList list, Action<DataProgress>? progress, CancellationToken token)
    {
        var keys = new Keys([.. list.Pictures.Select(Key)], [.. list.Sounds.Select(Key)]);
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
        public List<(double? At, UInt128 Key)> Pictures { get; } = [];

        public UInt128? Sound { get; set; }
    }

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
            if (!cache.TryGet(keys.Pictures[i], out _))
            {
                Of(list.Pictures[i].Path).Pictures.Add((list.Pictures[i].At, keys.Pictures[i]));
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
        foreach (var (_, key) in job.Pictures)
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
        var shownAt = double.NaN;
        string? complaint = null;
        using var shown = new Mat();
        try
        {
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
            Add(wanted[next].Key, shown);
        }

        for (var i = next; i < wanted.Length; i++)
        {
            Complain(wanted[i].Key, complaint ?? string.Create(CultureInfo.InvariantCulture, $"{job.Path}: has no picture at {wanted[i].At:0.###} s"), i == next);
        }

        return next == wanted.Length;

        bool See(Mat picture, double at)
        {
            for (; next < wanted.Length && wanted[next].At < at - 1e-4 && !double.IsNaN(shownAt); next++)
            {
                Add(wanted[next].Key, shown);
            }

            shownAt = at;
            picture.CopyTo(shown);
            return next < wanted.Length;
        }
    }

    private void Add(UInt128 key, Mat rgb) => cache.Add(key, CachedKind.Picture, rgb.Width, rgb.Height, rgb.AsSpan<byte>());

    private void Complain(UInt128 key, string complaint, bool aloud = true)
    {
        cache.Add(key, CachedKind.Damaged, 0, 0, Encoding.UTF8.GetBytes(complaint));
        if (aloud && Interlocked.Increment(ref _named) <= MostNamed)
        {
            log.Warn($"left out: {complaint}");
        }
    }
}
