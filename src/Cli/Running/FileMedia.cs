using System.Runtime.CompilerServices;
using OpenCvSharp;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>Media for the evaluation, decoded as the engine decodes them: pictures by OpenCV, everything else by ffmpeg.</summary>
internal sealed class FileMedia : ISampleMedia
{
    private readonly Dictionary<string, double> _lengths = [];

    /// <inheritdoc/>
    public Picture ReadPicture(string path, double? at, CancellationToken stop)
    {
        if (!MediaKinds.IsVideo(path))
        {
            using var picture = File.Exists(path) ? Cv2.ImRead(path) : throw new SourceException($"{path}: not there");
            return Copy(path, picture);
        }

        var second = at ?? Length(path, stop) / 2;
        var bytes = FfmpegDecoder.Bitmap(path, second, stop);
        if (bytes.Length == 0)
        {
            throw new SourceException(FormattableString.Invariant($"{path}: no picture at {second:0.###} s"));
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

        return Array.ConvertAll(FfmpegDecoder.Sound(path, rate, stop), s => s / 32768f);
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

    private static unsafe Picture Copy(string path, Mat picture)
    {
        if (picture.Empty())
        {
            throw new SourceException($"{path}: no picture that can be read");
        }

        return new Picture(picture.Width, picture.Height, new ReadOnlySpan<byte>((void*)picture.Data, 3 * picture.Width * picture.Height).ToArray());
    }
}
