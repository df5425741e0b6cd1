using System.Globalization;
using RealtimeSsl.Capture.Media;

namespace RealtimeSsl.Capture;

/// <summary>Kinds of sources of pictures.</summary>
public enum SourceKind
{
    /// <summary>The built-in scene; the value is its name.</summary>
    Synthetic,

    /// <summary>A camera: index, device file or name. Or a GStreamer pipeline, <c>gst:...</c>.</summary>
    Camera,

    /// <summary>A stream by its URL.</summary>
    Url,

    /// <summary>One media file.</summary>
    File,

    /// <summary>A folder, or a glob, of media files and pictures.</summary>
    Files,
}

/// <summary>What a person typed for <c>--source</c>, understood.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Which one.</param>
public sealed record SourceSpec(SourceKind Kind, string Value)
{
    private const string Scene = "synthetic";

    /// <summary>A name for a run of it: letters that every file system likes come out of it later.</summary>
    public string Name => Kind switch
    {
        SourceKind.Synthetic => $"{Scene}-{Value}",
        SourceKind.Camera => $"camera-{Value}",
        SourceKind.Url => Uri.TryCreate(Value, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host : "stream",
        _ => Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Value)),
    };

    /// <summary>Understands what was typed. What is not clearly anything else is a camera's name if it looks like one, and a file otherwise.</summary>
    public static SourceSpec Parse(string text)
    {
        if (text == Scene || text.StartsWith(Scene + ":", StringComparison.Ordinal))
        {
            return new SourceSpec(SourceKind.Synthetic, text.Length > Scene.Length + 1 ? text[(Scene.Length + 1)..] : "demo");
        }

        if (text.StartsWith("gst:", StringComparison.Ordinal) || text.StartsWith("/dev/", StringComparison.Ordinal)
            || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return new SourceSpec(SourceKind.Camera, text);
        }

        if (MediaOptions.IsUrlText(text))
        {
            return new SourceSpec(SourceKind.Url, text);
        }

        if (File.Exists(text))
        {
            return new SourceSpec(SourceKind.File, text);
        }

        if (Directory.Exists(text) || text.AsSpan().ContainsAny('*', '?'))
        {
            return new SourceSpec(SourceKind.Files, text);
        }

        var looksLikeAPath = text.AsSpan().ContainsAny('/', '\\') || Path.HasExtension(text);
        return new SourceSpec(looksLikeAPath ? SourceKind.File : SourceKind.Camera, text);
    }
}
