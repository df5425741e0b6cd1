using System.Collections.Concurrent;
using System.Globalization;

namespace RealtimeSsl.Outputs;

/// <summary>
/// One recording on the disk. It grows part by part as <c>NAME.part.mp4</c>, which plays at any moment, and becomes <c>NAME.mp4</c>, an ordinary
/// MP4 with its index first, when it is closed. A part counts from its last write on: until then players see free space, and half a part is cut off again.
/// </summary>
internal sealed class RecordingFile : IDisposable
{
    /// <summary>End of the name of a file that grows.</summary>
    public const string PartEnding = ".part.mp4";

    // Once a second what was written goes through to the disk itself: that is what a power cut costs more than a crash.
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);

    private static readonly ConcurrentDictionary<string, bool> Growing = new();
    private readonly string _stem;
    private readonly FileStream _file;
    private readonly Sidecar _sidecar;
    private long _whole;
    private int _parts;
    private TimeSpan _flushed;

    /// <summary>Makes the file, and its sidecar first: what has none is nobody's.</summary>
    /// <param name="path">The final name, with <c>.mp4</c>; if it is taken, a number is added.</param>
    /// <param name="first">The part it will begin with.</param>
    /// <param name="zero">Its time zero on the source's timeline.</param>
    /// <param name="sidecar">What is said about it.</param>
    /// <exception cref="IOException">There is no room, no such disk, ...</exception>
    public RecordingFile(string path, Part first, TimeSpan zero, Sidecar sidecar)
    {
        (Run, Zero, _sidecar, End) = (first.Run, zero, sidecar, first.Begin);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _stem = path[..^".mp4".Length];
        for (var n = 2; File.Exists(Final) || File.Exists(Current) || !Growing.TryAdd(Current, true); n++)
        {
            _stem = $"{path[..^".mp4".Length]}-{n}";
        }

        try
        {
            // After a crash it is all that is known.
            _sidecar.Seq = first.Seq.First < 0 ? null : first.Seq;
            _sidecar.Write(_stem + ".json", Path.GetFileName(Final));
            _file = new FileStream(Current, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            _file.Write(Run.Header);
            _whole = Run.Header.Length;
        }
        catch
        {
            Dispose();
            File.Delete(Current);
            throw;
        }
    }

    /// <summary>Whose header it has.</summary>
    public EncoderRun Run { get; }

    /// <summary>Its time zero on the source's timeline.</summary>
    public TimeSpan Zero { get; }

    /// <summary>Where it ends so far, on the source's timeline.</summary>
    public TimeSpan End { get; private set; }

    /// <summary>Its name while it grows.</summary>
    public string Current => _stem + PartEnding;

    /// <summary>Its name when it is whole.</summary>
    public string Final => _stem + ".mp4";

    /// <summary>What is said about it.</summary>
    public Sidecar Sidecar => _sidecar;

    /// <summary>Whether a file is being written by this process.</summary>
    public static bool IsGrowing(string path) => Growing.ContainsKey(path);

    /// <summary>Whether a part can be put into this file.</summary>
    public bool Fits(Part part) => ReferenceEquals(part.Run, Run) || part.Run.Header.AsSpan().SequenceEqual(Run.Header);

    /// <summary>Appends a part.</summary>
    /// <param name="part">One that fits.</param>
    /// <param name="gap">Why there is nothing between the end so far and it; null if nothing is missing.</param>
    /// <exception cref="IOException">It could not be written; the file is as before.</exception>
    public void Append(Part part, string? gap)
    {
        try
        {
            // FFmpeg does not open a file that ends within a moof box, and skips a free one: the box gets its name when all of the part is there.
            var bytes = part.For(Run, Zero, _parts + 1);
            _file.Write(bytes[..4]);
            _file.Write("free"u8);
            _file.Write(bytes[8..]);
            _file.Position = _whole + 4;
            _file.Write(bytes[4..8]);
            _file.Position = _whole + bytes.Length;
        }
        catch (IOException)
        {
            _file.SetLength(_whole);
            _file.Position = _whole;
            throw;
        }

        _whole += part.Length;
        _parts++;
        if (gap is not null)
        {
            _sidecar.Gaps.Add(new RecordingGap((End - Zero).TotalSeconds, (part.Begin - End).TotalSeconds, gap));
        }

        End = part.End > End ? part.End : End;
        _sidecar.Seconds = (End - Zero).TotalSeconds;
        _sidecar.Frames += part.Pictures;
        _sidecar.Seq = part.Seq.First < 0 ? _sidecar.Seq : (_sidecar.Seq?.First ?? part.Seq.First, part.Seq.Last);
        if (End - _flushed >= FlushEvery)
        {
            _flushed = End;
            _file.Flush(flushToDisk: true);
        }
    }

    /// <summary>
    /// Makes an ordinary MP4 of it under the final name. If that does not succeed (no room, no time), the file, whole as it is, takes the final
    /// name.
    /// </summary>
    /// <param name="settings">The program.</param>
    /// <param name="soundEnd">Where the sound ends, exactly, on the source's timeline; null if it goes on in another file.</param>
    /// <param name="token">Bounds the wait.</param>
    /// <exception cref="IOException">It keeps its name; it plays all the same.</exception>
    public async Task CloseAsync(RecordingSettings settings, TimeSpan? soundEnd, CancellationToken token)
    {
        Dispose();
        await MakeOrdinaryAsync(settings, Current, Final, (soundEnd - Zero)?.TotalSeconds, token).ConfigureAwait(false);
        _sidecar.Complete = true;
        _sidecar.Write(_stem + ".json", Path.GetFileName(Final));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        Growing.TryRemove(Current, out _);
    }

    /// <summary>Makes an ordinary MP4 of a part file, or if that does not succeed gives it the final name as it is.</summary>
    /// <param name="settings">The program.</param>
    /// <param name="current">The part file; it is gone afterwards.</param>
    /// <param name="final">The final name; nothing has it.</param>
    /// <param name="soundEnd">Where the sound ends, exactly, in seconds of the file; null if that is not known.</param>
    /// <param name="token">Bounds the wait.</param>
    /// <exception cref="IOException">It keeps its name.</exception>
    public static async Task MakeOrdinaryAsync(RecordingSettings settings, string current, string final, double? soundEnd, CancellationToken token)
    {
        var ordinary = final + ".tmp";
        try
        {
            if (await RemuxAsync(settings, current, ordinary, soundEnd, token).ConfigureAwait(false))
            {
                File.Move(ordinary, final);
                File.Delete(current);
            }
            else
            {
                File.Move(current, final);
            }
        }
        finally
        {
            File.Delete(ordinary);
        }
    }

    private static async Task<bool> RemuxAsync(RecordingSettings settings, string current, string path, double? soundEnd, CancellationToken token)
    {
        // Copied times: the sound begins before zero (AAC's run-in, which players skip), and nothing is to be moved for it. Its last packet is
        // as long as there is sound in it: a fragmented file has lost that.
        List<string> arguments = ["-copyts", "-i", current, "-c", "copy"];
        if (soundEnd is { } end)
        {
            var seconds = end.ToString("0.0000000", CultureInfo.InvariantCulture);
            arguments.AddRange(["-bsf:a", $"setts=duration=max(1\\,min(DURATION\\,{seconds}/TB-PTS))"]);
        }

        arguments.AddRange(["-movflags", "+faststart", "-f", "mp4", "-y", path]);
        try
        {
            using var ffmpeg = new FfmpegProcess(settings.Ffmpeg, arguments);
            ffmpeg.Input.Close();
            return await ffmpeg.ExitAsync(token).ConfigureAwait(false) == 0;
        }
        catch (Exception e) when (e is OperationCanceledException or OutputException)
        {
            return false;
        }
    }
}
