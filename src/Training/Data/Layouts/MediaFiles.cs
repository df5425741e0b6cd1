namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>The media below a folder, found once, in an order that is the same everywhere.</summary>
internal sealed class MediaFiles
{
    private static readonly HashSet<string> VideoKinds =
        new(StringComparer.OrdinalIgnoreCase) { ".mp4", ".mkv", ".webm", ".avi", ".mov", ".m4v", ".mpg", ".mpeg", ".flv", ".wmv", ".ts", ".nut", ".ogv" };

    private static readonly HashSet<string> SoundKinds =
        new(StringComparer.OrdinalIgnoreCase) { ".wav", ".ogg", ".flac", ".mp3", ".m4a", ".aac", ".opus", ".wma" };

    private static readonly HashSet<string> PictureKinds =
        new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff" };

    private MediaFiles(string root, IEnumerable<string> files)
    {
        Root = root;
        All = [.. files.Order(StringComparer.Ordinal)];
        Videos = [.. All.Where(f => VideoKinds.Contains(Path.GetExtension(f)))];
        Sounds = [.. All.Where(f => SoundKinds.Contains(Path.GetExtension(f)))];
        Pictures = [.. All.Where(f => PictureKinds.Contains(Path.GetExtension(f)))];
    }

    public string Root { get; }

    public IReadOnlyList<string> All { get; }

    public IReadOnlyList<string> Videos { get; }

    public IReadOnlyList<string> Sounds { get; }

    public IReadOnlyList<string> Pictures { get; }

    /// <summary>Everything below a folder; what may not be read, and hidden files, are passed over.</summary>
    public static MediaFiles Below(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden };
        return new MediaFiles(folder, Directory.EnumerateFiles(folder, "*", options));
    }

    public static MediaFiles In(string folder) => new(folder, Directory.EnumerateFiles(folder));

    /// <summary>Path below the root, with forward slashes: what reports and groups name.</summary>
    public string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');
}
