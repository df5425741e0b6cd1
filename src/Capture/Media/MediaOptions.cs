namespace RealtimeSsl.Capture.Media;

/// <summary>What to read from a file or a URL, and how.</summary>
public sealed record MediaOptions
{
    /// <summary>A path, or a URL (rtsp, http, udp, srt, ...).</summary>
    public required string Input { get; init; }

    /// <summary>Whether pictures are wanted; then an input without any is an error.</summary>
    public bool WantVideo { get; init; } = true;

    /// <summary>Whether sound is wanted; an input without any is an error only if no pictures are wanted.</summary>
    public bool WantAudio { get; init; } = true;

    /// <summary>Deliver a file at its own pace, as if it were live: stamped on the engine's clock, newest wins.</summary>
    public bool Realtime { get; init; }

    /// <summary>Of a file: media time of its first moment. A recording of a part of something goes on in that one's time.</summary>
    public TimeSpan Origin { get; init; }

    /// <summary>Of a recording: UTC at which its first moment was captured; null if unknown.</summary>
    public DateTime? RecordedAt { get; init; }

    /// <summary>End after this much of the source's timeline.</summary>
    public TimeSpan? MaxLength { get; init; }

    /// <summary>Resample the sound to this rate (Hz); null leaves it as it is.</summary>
    public int? AudioRate { get; init; }

    /// <summary>Mix the sound to this many channels; null leaves it as it is.</summary>
    public int? AudioChannels { get; init; }

    /// <summary>How RTSP carries its media: <c>tcp</c> (nothing gets lost), or <c>udp</c>.</summary>
    public string RtspTransport { get; init; } = "tcp";

    /// <summary>How long the first connection to a URL may take, all attempts together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the first connection to a URL is attempted.</summary>
    public int ConnectAttempts { get; init; } = 3;

    /// <summary>A live source that is silent for this long is taken for dead, and reconnected.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether the input is a URL.</summary>
    public bool IsUrl => IsUrlText(Input);

    /// <summary>Whether a text is a URL: a scheme of two letters or more (one is a drive) and <c>://</c>.</summary>
    public static bool IsUrlText(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme >= 2 && text.AsSpan(0, scheme).IndexOfAnyExcept(SchemeCharacters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> SchemeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
}
