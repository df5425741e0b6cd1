using System.Text.RegularExpressions;

namespace RealtimeSsl.Capture.Media;

/// <summary>Makes a line of ffmpeg fit for our own messages: without the addresses and levels before it, and without credentials.</summary>
internal static partial class FfmpegLine
{
    public static string Clean(string line) => Redact.Urls(Prefix().Replace(line, "").Trim());

    [GeneratedRegex(@"^(?:\[[^\]]+ @ 0x[0-9a-f]+\] ?|\[(?:panic|fatal|error|warning|info)\] ?)+")]
    private static partial Regex Prefix();
}
