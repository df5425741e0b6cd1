using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>The annotated picture for other programs: always on, with a slate while the source is away. Without sound.</summary>
public sealed record StreamSettings
{
    /// <summary>Where to push it: <c>rtsp://HOST/PATH</c> to a media server, or <c>srt://HOST:PORT[?mode=listener]</c>; empty pushes nowhere.</summary>
    [RegularExpression("(rtsp|rtsps|srt)://.+", ErrorMessage = "expected rtsp://HOST[:PORT]/PATH, rtsps://... or srt://HOST:PORT")]
    public string Push { get; init; } = "";

    /// <summary>Device of a virtual camera to feed, e.g. <c>/dev/video10</c> of Linux's v4l2loopback; empty feeds none.</summary>
    public string Camera { get; init; } = "";

    /// <summary>Frames per second of both, whatever the source gives.</summary>
    [Range(1.0, 60.0)]
    public double Fps { get; init; } = 25;

    /// <summary>Whether it is shown in a window on this machine's screen.</summary>
    public bool Window { get; init; }
}
