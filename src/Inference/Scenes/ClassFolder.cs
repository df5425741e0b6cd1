using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Scenes;

/// <summary>A picture or a sound of a class.</summary>
/// <param name="Class">What it shows, or what sounds.</param>
/// <param name="Path">File.</param>
/// <param name="Id">Its path in the folder, with forward slashes.</param>
/// <param name="Group">Items of one origin (a video, a recording): never parted between training and test.</param>
public sealed record ClassItem(string Class, string Path, string Id, string Group);

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
/// Pictures and sounds by class: <c>CLASS/images/*</c> and <c>CLASS/audio/*</c>. A <c>manifest.csv</c> with the columns <c>file</c> and <c>group</c> says
/// what belongs together; without one each file is a group of its own. Training and evaluation read class folders here, so that what is measured on was
/// never trained on.
/// </summary>
public sealed class ClassFolder
{
    private const string ManifestName = "manifest.csv";
    private const int TestPercent = 20;
    private static readonly string[] SoundFolders = ["audio", "sounds", "sound"];
    private static readonly string[] PictureFolders = ["images", "pictures", "frames"];

    private readonly Dictionary<string, IReadOnlyList<ClassItem>> _pictures = [];
    private readonly Dictionary<string, IReadOnlyList<ClassItem>> _sounds = [];

    private ClassFolder()
    {
    }

    /// <summary>Pictures by class.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ClassItem>> Pictures => _pictures;

    /// <summary>Sounds by class.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ClassItem>> Sounds => _sounds;

    /// <summary>Classes that have both, by name.</summary>
    public IReadOnlyList<string> Classes { get; private set; } = [];

    /// <summary>What was passed over: the reason, and what.</summary>
    public IReadOnlyList<(string Reason, string What)> PassedOver { get; private set; } = [];

    /// <summary>Whether a folder is laid out so.</summary>
    public static bool Is(string folder) => Directory.EnumerateDirectories(folder).Any(c => Sub(c, SoundFolders) is not null && Sub(c, PictureFolders) is not null);

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Which part of it.</param>
    /// <exception cref="InferenceException">No class has both, or the manifest is not as it must be.</exception>
    public static ClassFolder Read(string folder, FolderSplit split)
    {
        if (!Directory.Exists(folder))
        {
            throw new InferenceException($"{folder}: no such folder");
        }

        var (read, over, groups) = (new ClassFolder(), new List<(string, string)>(), Groups(folder));
        foreach (var path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (Sub(path, SoundFolders) is not { } sounds || Sub(path, PictureFolders) is not { } pictures)
            {
                over.Add(("folders without both 'audio' and 'images'", name));
                continue;
            }

            read._pictures[name] = Items(pictures, MediaKinds.IsPicture, name);
            read._sounds[name] = Items(sounds, MediaKinds.IsSound, name);
            if (read._pictures[name].Count == 0 || read._sounds[name].Count == 0)
            {
                over.Add(($"classes without a {(read._sounds[name].Count == 0 ? "sound" : "picture")}", name));
            }
        }

        read.Classes = [.. read._pictures.Keys.Where(c => read._pictures[c].Count > 0 && read._sounds[c].Count > 0).Order(StringComparer.Ordinal)];
        read.PassedOver = over;
        return read.Classes.Count > 0 ? read : throw new InferenceException(
            $"{folder}: no class has pictures and sounds{(split == FolderSplit.All ? "" : $" for {split.ToString().ToLowerInvariant()}")}; expected CLASS/images/* and CLASS/audio/*");

        ClassItem[] Items(string inside, Func<string, bool> fits, string name)
        {
            var items = Directory.EnumerateFiles(inside).Where(fits).Order(StringComparer.Ordinal).Select(file => Item(file, name)).ToArray();
            over.AddRange(items.Where(i => !Wanted(i)).Select(i => (split == FolderSplit.Train ? "files that are for test" : "files that are for training", i.Id)));
            return [.. items.Where(Wanted)];
        }

        bool Wanted(ClassItem item) => split == FolderSplit.All || IsTest(item.Group) == (split == FolderSplit.Test);

        ClassItem Item(string file, string name)
        {
            var id = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (groups is null || groups.GetValueOrDefault(id) is { Length: > 0 })
            {
                return new ClassItem(name, file, id, groups?[id] ?? id);
            }

            over.Add(($"files that {ManifestName} gives no group", id));
            return new ClassItem(name, file, id, id);
        }
    }

    /// <summary>Whether a group is for test.</summary>
    public static bool IsTest(string group) =>
        BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(group))) % 100 < TestPercent;

    private static string? Sub(string folder, string[] names) => names.Select(n => Path.Combine(folder, n)).FirstOrDefault(Directory.Exists);

    private static Dictionary<string, string>? Groups(string folder)
    {
        var manifest = Path.Combine(folder, ManifestName);
        if (!File.Exists(manifest))
        {
            return null;
        }

        var rows = TextTable.Read(manifest);
        var header = rows.FirstOrDefault() ?? [];
        var (file, group) = (Array.IndexOf(header, "file"), Array.IndexOf(header, "group"));
        if (file < 0 || group < 0)
        {
            throw new InferenceException($"{manifest}: has no columns 'file' and 'group'; add them, or remove the file");
        }

        var groups = new Dictionary<string, string>();
        foreach (var row in rows.Skip(1).Where(r => r.Length > Math.Max(file, group)))
        {
            groups[row[file].Replace('\\', '/')] = row[group];
        }

        return groups;
    }
}
