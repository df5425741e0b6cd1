using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>The media below a folder, found once, in an order that is the same everywhere.</summary>
internal sealed class MediaFiles
{
    private MediaFiles(string root, IEnumerable<string> files)
    {
        Root = root;
        All = [.. files.Order(StringComparer.Ordinal)];
        Videos = [.. All.Where(MediaKinds.IsVideo)];
        Sounds = [.. All.Where(MediaKinds.IsSound)];
        Pictures = [.. All.Where(MediaKinds.IsPicture)];
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
