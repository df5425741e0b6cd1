using System.Globalization;
using OpenCvSharp;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Cli.Running;

/// <summary>Decodes training data by ffmpeg children, one for the pictures of a file and one for its sound, both on the file's own timeline.</summary>
internal sealed class FfmpegMediaReader : IMediaReader
{
    /// <inheritdoc/>
    public MediaSummary Probe(string path, CancellationToken token)
    {
        try
        {
            var facts = MediaProbe.ProbeAsync(path, token).GetAwaiter().GetResult();
            return new MediaSummary(facts.HasVideo, facts.HasAudio, facts.Duration?.TotalSeconds ?? 0, Math.Min(facts.Width, facts.Height));
        }
        catch (SourceException e) when (!Missing(e))
        {
            throw new TrainingDataException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public void ReadPictures(string path, int shortSide, Func<Mat, double, bool> seen, CancellationToken token)
    {
        var side = shortSide.ToString(CultureInfo.InvariantCulture);
        using var child = FfmpegChild.Start(
        [
            .. FfmpegDecoder.General, "-i", FfmpegArguments.Url(path), "-map", "0:V:0", "-fps_mode", "passthrough", "-enc_time_base:v", "-1",
            "-vf", $"scale=w='if(gt(iw,ih),-1,min({side},iw))':h='if(gt(iw,ih),min({side},ih),-1)':flags=bicubic",
            "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-flush_packets", "1", "-f", "nut", "-write_index", "0", "pipe:1",
        ]);
        using var stop = token.Register(child.Kill);
        using var picture = new Mat();
        try
        {
            var nut = new NutReader(child.Output);
            nut.ReadHeader();
            var track = nut.Streams[0];
            picture.Create(track.Height, track.Width, MatType.CV_8UC3);
            while (nut.TryNext(out var packet))
            {
                nut.Read(picture.AsSpan<byte>());
                if (!seen(picture, track.Scale(packet.Pts, 1_000_000) / 1e6))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            token.ThrowIfCancellationRequested();
            End(child, path);
            throw new TrainingDataException($"{path}: its pictures cannot be decoded (ffmpeg: {child.LastLine})", e);
        }

        token.ThrowIfCancellationRequested();
        End(child, path);
    }

    /// <inheritdoc/>
    public short[] ReadSound(string path, int rate, CancellationToken token)
    {
        try
        {
            return FfmpegDecoder.Sound(path, rate, token) is { Length: > 0 } sound ? sound : throw new TrainingDataException($"{path}: its sound is empty");
        }
        catch (SourceException e) when (!Missing(e))
        {
            throw new TrainingDataException(e.Message, e);
        }
    }

    private static void End(FfmpegChild child, string path)
    {
        try
        {
            FfmpegDecoder.End(child, path);
        }
        catch (SourceException e)
        {
            throw new TrainingDataException(e.Message, e);
        }
    }

    /// <summary>Without ffprobe every file would seem damaged.</summary>
    private static bool Missing(SourceException e) => e.Message.Contains("not in PATH", StringComparison.Ordinal);
}
