using System.Globalization;

namespace RealtimeSsl.Capture.Media;

/// <summary>How ffmpeg has to open an input.</summary>
public enum MediaKind
{
    /// <summary>A local file: pictures and sound are read from it independently, however badly they are interleaved.</summary>
    LocalFile,

    /// <summary>A finite file that is read front to back, once: one behind a URL, a transport stream.</summary>
    InterleavedFile,

    /// <summary>A live stream with time stamps of its own.</summary>
    Live,

    /// <summary>JPEG pictures in an endless HTTP answer: no time stamps, so that of arrival has to do.</summary>
    Mjpeg,

    /// <summary>A playlist (HLS): comes in bursts, so ffmpeg paces it.</summary>
    Playlist,
}

/// <summary>
/// The command line of the ffmpeg child: a pure function of what is wanted. The output is always NUT on stdout: bgr24 and 32-bit float.
/// </summary>
public static class FfmpegArguments
{
    /// <summary>The arguments for one input.</summary>
    /// <param name="kind">How the input is to be opened.</param>
    /// <param name="options">What is wanted.</param>
    public static IReadOnlyList<string> Build(MediaKind kind, MediaOptions options)
    {
        List<string> arguments = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+error"];
        var twice = kind == MediaKind.LocalFile && options is { WantVideo: true, WantAudio: true };
        for (var i = 0; i < (twice ? 2 : 1); i++)
        {
            arguments.AddRange([.. Flags(kind, options), "-i", Url(options.Input)]);
        }

        if (options.WantVideo)
        {
            // V: no cover art. An absent stream is for the reader to judge, who can say it in better words.
            arguments.AddRange(["-map", "0:V:0?", "-fps_mode", "passthrough", "-enc_time_base:v", "-1"]);
            arguments.AddRange(["-c:v", "rawvideo", "-pix_fmt", "bgr24"]);
        }

        if (options.WantAudio)
        {
            arguments.AddRange(["-map", twice ? "1:a:0?" : "0:a:0?", "-c:a", "pcm_f32le"]);
            arguments.AddRange(options.AudioRate is { } rate ? ["-ar", Text(rate)] : []);
            arguments.AddRange(options.AudioChannels is { } channels ? ["-ac", Text(channels)] : []);
        }

        // How long the muxer holds pictures back for sound that does not come. Raw pictures are large: keep it short.
        var patience = kind is MediaKind.LocalFile or MediaKind.InterleavedFile ? "500000" : "200000";
        arguments.AddRange(["-sn", "-dn", "-max_interleave_delta", patience, "-flush_packets", "1"]);
        arguments.AddRange(["-f", "nut", "-write_index", "0", "pipe:1"]);
        return arguments;
    }

    /// <summary>The input as ffmpeg has to be told: a path may hold a colon or begin with a dash.</summary>
    public static string Url(string input) => MediaOptions.IsUrlText(input) ? input : "file:" + Path.GetFullPath(input);

    private static List<string> Flags(MediaKind kind, MediaOptions options)
    {
        if (kind is MediaKind.LocalFile or MediaKind.InterleavedFile)
        {
            return [];
        }

        // Start on little, hold nothing back: 1.2 s to the first picture instead of 5, and 70 ms less delay.
        List<string> flags = ["-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "500000", "-analyzeduration", "500000"];
        flags.AddRange(kind == MediaKind.Playlist ? ["-re"] : []);

        // Our own watch comes first; this only keeps ffmpeg from waiting forever where we are not looking.
        var micros = Text((long)(2 * options.StallTimeout).TotalMicroseconds);
        flags.AddRange(options.Input.Split(':')[0].ToUpperInvariant() switch
        {
            "RTSP" or "RTSPS" => ["-rtsp_transport", options.RtspTransport, "-timeout", micros],
            "HTTP" or "HTTPS" or "TCP" => ["-rw_timeout", micros],
            _ => [],
        });
        return flags;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
