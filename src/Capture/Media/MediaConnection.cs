using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>An ffmpeg child whose streams are known: ready to be read.</summary>
internal sealed class MediaConnection : IDisposable
{
    private MediaConnection(FfmpegChild child, NutReader reader) => (Child, Reader) = (child, reader);

    public FfmpegChild Child { get; }

    public NutReader Reader { get; }

    public NutTrack? Video => Reader.Streams.FirstOrDefault(s => s.Kind == NutKind.Video);

    public NutTrack? Audio => Reader.Streams.FirstOrDefault(s => s.Kind == NutKind.Audio);

    /// <summary>Starts ffmpeg and reads its header.</summary>
    /// <exception cref="SourceException">It ended or fell silent before; the message is ffmpeg's last line.</exception>
    public static MediaConnection Open(IEnumerable<string> arguments, TimeSpan timeout, CancellationToken token)
    {
        var child = FfmpegChild.Start(arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(timeout);
        try
        {
            var reader = new NutReader(child.Output);
            using (limit.Token.Register(child.Kill))
            {
                reader.ReadHeader();
            }

            return new MediaConnection(child, reader);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            child.WaitForExit(TimeSpan.FromSeconds(2));
            child.Dispose();
            token.ThrowIfCancellationRequested();
            throw new SourceException(limit.IsCancellationRequested ? $"no media within {timeout.TotalSeconds:0.#} s" : child.LastLine, e);
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    public void Dispose() => Child.Dispose();
}
