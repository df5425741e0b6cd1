using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenCvSharp;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>Media for evaluation and training, decoded as the engine decodes them: pictures by OpenCV, everything else by ffmpeg.</summary>
internal sealed class FileMedia : IMediaReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, double> _lengths = [];

    /// <inheritdoc/>
    public Picture ReadPicture(string path, double? at, CancellationToken stop)
    {
        if (!Evaluation.Benchmarks.MediaIndex.IsVideo(path))
        {
            using var picture = File.Exists(path) ? Cv2.ImRead(path) : throw new SourceException($"{path}: not there");
            return Copy(path, picture);
        }

        var second = (at ?? Length(path, stop) / 2).ToString("0.######", CultureInfo.InvariantCulture);
        var bytes = Decode(path, ["-ss", second, "-i", FfmpegArguments.Url(path), "-map", "0:V:0", "-frames:v", "1", "-c:v", "bmp", "-f", "image2pipe", "-"], stop);
        if (bytes.Length == 0)
        {
            throw new SourceException($"{path}: no picture at {second} s");
        }

        using var frame = Cv2.ImDecode(bytes, ImreadModes.Color);
        return Copy(path, frame);
    }

    /// <inheritdoc/>
    public float[] ReadSound(string path, int rate, CancellationToken stop)
    {
        if (File.Exists(path) && WavFile.TryRead(path, rate) is { } plain)
        {
            return plain;
        }

        var bytes = Decode(
            path,
            ["-i", FfmpegArguments.Url(path), "-map", "0:a:0", "-ac", "1", "-ar", rate.ToString(CultureInfo.InvariantCulture), "-f", "f32le", "-"],
            stop);
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan()).ToArray();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<VideoFrame> ReadFrames(string path, [EnumeratorCancellation] CancellationToken stop)
    {
        // Quiet: a reader that has seen enough and leaves is no damaged file.
        var context = new SourceContext(new MonotonicClock(), new Counters(), new QuietLog());
        await using var source = await MediaSource.OpenAsync(new MediaOptions { Input = path, WantAudio = false }, context, stop).ConfigureAwait(false);
        await foreach (var frame in source.Frames.ReadAllAsync(stop).ConfigureAwait(false))
        {
            yield return frame;
        }
    }

    /// <inheritdoc/>
    public double Length(string path, CancellationToken stop)
    {
        if (!_lengths.TryGetValue(path, out var length))
        {
            var facts = MediaProbe.ProbeAsync(path, stop).GetAwaiter().GetResult();
            _lengths[path] = length = facts.Duration?.TotalSeconds ?? throw new SourceException($"{path}: its length is unknown");
        }

        return length;
    }

    private static byte[] Decode(string path, string[] arguments, CancellationToken stop)
    {
        if (!File.Exists(path))
        {
            throw new SourceException($"{path}: not there");
        }

        using var ffmpeg = FfmpegChild.Start(["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+error", .. arguments]);
        using var end = stop.Register(ffmpeg.Kill);
        using var bytes = new MemoryStream();
        ffmpeg.Output.CopyTo(bytes);
        stop.ThrowIfCancellationRequested();
        return ffmpeg.WaitForExit(Patience) == 0 ? bytes.ToArray() : throw new SourceException($"{path}: ffmpeg: {ffmpeg.LastLine}");
    }

    private static unsafe Picture Copy(string path, Mat picture)
    {
        if (picture.Empty())
        {
            throw new SourceException($"{path}: no picture that can be read");
        }

        return new Picture(picture.Width, picture.Height, new ReadOnlySpan<byte>((void*)picture.Data, 3 * picture.Width * picture.Height).ToArray());
    }
}
