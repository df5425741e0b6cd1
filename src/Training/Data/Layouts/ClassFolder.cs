namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>
/// <c>CLASS/audio</c> and <c>CLASS/images</c>: a picture of a class goes with any sound of it, drawn anew each time. A <c>manifest.csv</c> with
/// the columns <c>file</c> and <c>group</c> says what a split must not tear apart; without one each file is a group of its own.
/// </summary>
internal static class ClassFolder
{
    private static readonly string[] SoundFolders = ["audio", "sounds", "sound"];
    private static readonly string[] PictureFolders = ["images", "pictures", "frames"];

    public static bool Is(string folder) => Directory.EnumerateDirectories(folder).Any(c => Sub(c, SoundFolders) is not null && Sub(c, PictureFolders) is not null);

    public static ClipList List(string folder)
    {
        var notes = new Notes();
        var groups = Groups(folder);
        List<PictureItem> pictures = [];
        List<SoundItem> sounds = [];
        List<PairItem> pairs = [];
        foreach (var path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (Sub(path, SoundFolders) is not { } soundFolder || Sub(path, PictureFolders) is not { } pictureFolder)
            {
                notes.Add("folders without both 'audio' and 'images'", name);
                continue;
            }

            var pool = new List<int>();
            foreach (var sound in MediaFiles.In(soundFolder).Sounds)
            {
                pool.Add(sounds.Count);
                sounds.Add(new SoundItem(sound, null, Group(sound)));
            }

            if (pool.Count == 0)
            {
                notes.Add("classes without a sound", name);
                continue;
            }

            foreach (var picture in MediaFiles.In(pictureFolder).Pictures)
            {
                var id = Relative(picture);
                pairs.Add(new PairItem(id, pictures.Count, pool, name));
                pictures.Add(new PictureItem(picture, null, id, Group(picture)));
            }
        }

        return new ClipList(folder, pictures, sounds, pairs, notes.Lines);

        string Relative(string file) => Path.GetRelativePath(folder, file).Replace('\\', '/');
        string Group(string file)
        {
            var id = Relative(file);
            if (groups is null || (groups.TryGetValue(id, out var group) && group.Length > 0))
            {
                return groups is null ? id : groups[id];
            }

            notes.Add("files that manifest.csv gives no group", id);
            return id;
        }
    }

    private static string? Sub(string folder, string[] names) => names.Select(n => Path.Combine(folder, n)).FirstOrDefault(Directory.Exists);

    private static Dictionary<string, string>? Groups(string folder)
    {
        var manifest = Path.Combine(folder, "manifest.csv");
        if (!File.Exists(manifest))
        {
            return null;
        }

        var rows = Table.Read(manifest);
        var header = rows.Count > 0 ? rows[0] : [];
        var (file, group) = (Array.IndexOf(header, "file"), Array.IndexOf(header, "group"));
        if (file < 0 || group < 0)
        {
            throw new TrainingDataException($"{manifest}: has no columns 'file' and 'group'; add them, or remove the file");
        }

        var groups = new Dictionary<string, string>();
        foreach (var row in rows.Skip(1).Where(r => r.Length > Math.Max(file, group)))
        {
            groups[row[file].Replace('\\', '/')] = row[group];
        }

        return groups;
    }
}
