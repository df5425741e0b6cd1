using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeSsl.Inference.Scenes;

/// <summary>A picture or a sound of a class.</summary>
/// <param name="Class">What it shows, or what sounds.</param>
/// <param name="Path">File.</param>
/// <param name="Group">Items of one origin (a video, a recording): never parted between training and test.</param>
public sealed record ClassItem(string Class, string Path, string Group);

/// <summary>Which part of a class folder.</summary>
public enum FolderSplit
{
    /// <summary>Everything.</summary>
    All,

    /// <summary>What is for training.</summary>
    Train,

    /// <summary>What is for test: a fifth of the groups, by the hash of their names, the same on every machine and for every seed.</summary>
    Test,
}

/// <summary>
/// Pictures and sounds by class: <c>CLASS/images/*</c> and <c>CLASS/audio/*</c>; with a <c>manifest.csv</c> (<c>cls,kind,file,...,group</c>) what that lists.
/// </summary>
public sealed class ClassFolder
{
    private const string ManifestName = "manifest.csv";
    private const int TestPercent = 20;

    private ClassFolder(IReadOnlyDictionary<string, IReadOnlyList<ClassItem>> pictures, IReadOnlyDictionary<string, IReadOnlyList<ClassItem>> sounds) =>
        (Pictures, Sounds) = (pictures, sounds);

    /// <summary>Pictures by class.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ClassItem>> Pictures { get; }

    /// <summary>Sounds by class.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ClassItem>> Sounds { get; }

    /// <summary>Classes that have both, by name.</summary>
    public IReadOnlyList<string> Classes => [.. Pictures.Keys.Intersect(Sounds.Keys).Order(StringComparer.Ordinal)];

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Which part of it.</param>
    /// <exception cref="InferenceException">No class has both, or the manifest is not as it must be.</exception>
    public static ClassFolder Read(string folder, FolderSplit split)
    {
        var manifest = Path.Combine(folder, ManifestName);
        if (!Directory.Exists(folder))
        {
            throw new InferenceException($"{folder}: no such folder");
        }

        var items = (File.Exists(manifest) ? Listed(folder, manifest) : Found(folder)).Where(i => split == FolderSplit.All || IsTest(i.Item.Group) == (split == FolderSplit.Test)).ToArray();
        var read = new ClassFolder(ByClass(items, "image"), ByClass(items, "audio"));
        return read.Classes.Count > 0
            ? read
            : throw new InferenceException($"{folder}: no class has pictures and sounds; expected CLASS/images/* and CLASS/audio/*, or a {ManifestName}");
    }

    /// <summary>Whether a group is for test.</summary>
    public static bool IsTest(string group) =>
        BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(group))) % 100 < TestPercent;

    private static Dictionary<string, IReadOnlyList<ClassItem>> ByClass(IEnumerable<(string Kind, ClassItem Item)> items, string kind) =>
        items.Where(i => i.Kind == kind).Select(i => i.Item).OrderBy(i => i.Path, StringComparer.Ordinal).GroupBy(i => i.Class)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<ClassItem>)[.. g]);

    private static IEnumerable<(string Kind, ClassItem Item)> Found(string folder) =>
        from kind in new[] { (Name: "image", Folder: "images"), (Name: "audio", Folder: "audio") }
        from of in Directory.EnumerateDirectories(folder)
        let inside = Path.Combine(of, kind.Folder)
        where Directory.Exists(inside)
        from file in Directory.EnumerateFiles(inside)
        select (kind.Name, new ClassItem(Path.GetFileName(of), file, file[(folder.Length + 1)..]));

    private static IEnumerable<(string Kind, ClassItem Item)> Listed(string folder, string manifest)
    {
        var lines = File.ReadAllLines(manifest);
        var columns = Cells(lines.FirstOrDefault() ?? "");
        var (kind, of, file, group) = (columns.IndexOf("kind"), columns.IndexOf("cls"), columns.IndexOf("file"), columns.IndexOf("group"));
        if (kind < 0 || of < 0 || file < 0 || group < 0)
        {
            throw new InferenceException($"{manifest}:1: needs the columns cls, kind, file and group; it has {string.Join(", ", columns)}");
        }

        foreach (var (number, line) in lines.Index().Skip(1).Where(l => l.Item.Length > 0))
        {
            var cells = Cells(line);
            yield return cells.Count == columns.Count
                ? (cells[kind], new ClassItem(cells[of], Path.Combine(folder, cells[file]), cells[group]))
                : throw new InferenceException($"{manifest}:{number + 1}: {cells.Count} columns, the first line has {columns.Count}");
        }
    }

    /// <summary>A line of a csv; a cell in double quotes may hold commas.</summary>
    private static List<string> Cells(string line)
    {
        var (cells, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        foreach (var c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }

        cells.Add(cell.ToString());
        return cells;
    }
}
