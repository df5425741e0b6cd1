using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>Pushes the annotated picture to a media server (RTSP) or a peer (SRT), in H.264 at low delay.</summary>
/// <param name="settings">Where to, and how often.</param>
/// <param name="overlay">What is drawn.</param>
/// <param name="ffmpeg">The FFmpeg program.</param>
/// <param name="context">Clock, counters, log.</param>
/// <param name="health">Where it tells how it is, as <c>push</c>.</param>
public sealed class PushSink(StreamSettings settings, OverlaySettings overlay, string ffmpeg, SourceContext context, Health? health = null) : ISink
{
    private SteadyPicture? _picture;
    private FfmpegStream? _stream;

    /// <inheritdoc/>
    public string Name => "push";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    /// <exception cref="OutputException">FFmpeg is missing, or the address is none.</exception>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        await FfmpegProcess.CheckAsync(ffmpeg, token).ConfigureAwait(false);
        if (!Uri.TryCreate(settings.Push, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw new OutputException("stream.push: expected rtsp://HOST[:PORT]/PATH or srt://HOST:PORT");
        }

        var rate = Math.Round(2 * settings.Fps).ToString(CultureInfo.InvariantCulture);
        string[] encode = ["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-crf", "23", "-maxrate", "6M", "-bufsize", "3M", "-g", rate];
        string[] carry = url.Scheme == "srt" ? ["-f", "mpegts"] : ["-f", "rtsp", "-rtsp_transport", "tcp"];
        _picture = new SteadyPicture(stream, overlay, context.Clock);
        _stream = new FfmpegStream(Name, ffmpeg, [.. encode, .. carry, settings.Push], text => Redact(text, url), settings.Fps, _picture, context, health);
        context.Log.Info($"pushing the picture to {Redact(settings.Push, url)}");
        if (url.UserInfo.Contains(':', StringComparison.Ordinal) || url.Query.Contains("passphrase", StringComparison.OrdinalIgnoreCase))
        {
            context.Log.Warn("push: the password is one of FFmpeg's arguments, and other users of this machine can see it; docs/9-live-page.md says what to do about that");
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        _picture!.Write(localization);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stream, null) is { } stream)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            _picture?.Dispose();
        }
    }

    // User and password, and SRT's passphrase.
    private static string Redact(string text, Uri url)
    {
        var plain = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        text = text.Replace(url.OriginalString, plain, StringComparison.Ordinal).Replace(url.AbsoluteUri, plain, StringComparison.Ordinal);
        return url.UserInfo.Length > 0 ? text.Replace(url.UserInfo, "***", StringComparison.Ordinal) : text;
    }
}
