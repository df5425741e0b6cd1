using System.IO.Enumeration;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Files;

/// <summary>The files that a folder or a glob stands for, in the order of their names (ordinal, so the same everywhere).</summary>
public static class FileList
{
    /// <summary>
    /// The media files and pictures in a folder (not in the folders below it), or all files that match a glob: <c>*</c> and <c>?</c> in any
    /// part of the path, <c>**</c> for any depth. At least one.
    /// </summary>
    /// <exception cref="SourceException">There is none.</exception>
    public static IReadOnlyList<string> Find(string folderOrGlob)
    {
        var isFolder = Directory.Exists(folderOrGlob);
        var found = isFolder
            ? Visible(Directory.EnumerateFiles(folderOrGlob)).Where(f => MediaKinds.IsPicture(f) || MediaKinds.IsVideo(f))
            : Expand(folderOrGlob);
        var files = found.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new SourceException(isFolder
            ? $"{folderOrGlob}: no media file or picture in this folder"
            : $"{folderOrGlob}: no file matches (in a shell, put the pattern in quotes)");
    }

    private static IEnumerable<string> Expand(string glob)
    {
        var full = Path.GetFullPath(glob);
        var root = Path.GetPathRoot(full)!;
        IEnumerable<string> folders = [root];
        var parts = full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts[..^1])
        {
            folders = [.. folders.SelectMany(f => Folders(f, part))];
        }

        return folders.SelectMany(f => Visible(Directory.EnumerateFiles(f)).Where(p => Matches(parts[^1], p)));
    }

    private static IEnumerable<string> Folders(string folder, string part)
    {
        if (part == "**")
        {
            return Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Prepend(folder);
        }

        var exact = Path.Combine(folder, part);
        return part.AsSpan().ContainsAny('*', '?') ? Visible(Directory.EnumerateDirectories(folder)).Where(d => Matches(part, d))
            : Directory.Exists(exact) ? [exact]
            : [];
    }

    private static bool Matches(string pattern, string path) =>
        FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path), ignoreCase: OperatingSystem.IsWindows());

    private static IEnumerable<string> Visible(IEnumerable<string> paths) => paths.Where(p => !Path.GetFileName(p).StartsWith('.'));
}
