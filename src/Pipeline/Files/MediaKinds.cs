namespace RealtimeSsl.Pipeline;

/// <summary>What a file is, by its name: the one list of the kinds of media that capture, evaluation and training know.</summary>
public static class MediaKinds
{
    private static readonly HashSet<string> Pictures = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp" };

    private static readonly HashSet<string> Sounds = new(StringComparer.OrdinalIgnoreCase)
    {
        ".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".wma",
    };

    private static readonly HashSet<string> Videos = new(StringComparer.OrdinalIgnoreCase)
    {
        ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".flv", ".wmv", ".ogv", ".3gp", ".nut", ".gif",
    };

    /// <summary>A single picture.</summary>
    public static bool IsPicture(string path) => Pictures.Contains(Path.GetExtension(path));

    /// <summary>Sound without pictures.</summary>
    public static bool IsSound(string path) => Sounds.Contains(Path.GetExtension(path));

    /// <summary>Moving pictures, with or without sound.</summary>
    public static bool IsVideo(string path) => Videos.Contains(Path.GetExtension(path));
}
