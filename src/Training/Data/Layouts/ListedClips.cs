using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>
/// VGGSound, Flickr-SoundNet, MUSIC and their relatives as people have them: a list names clips, and the media lie anywhere below, as a cut
/// clip (<c>ID_000032.mp4</c>, <c>ID_32.mp4</c>, <c>ID_32000_42000.mp4</c>), a whole video (<c>ID.mp4</c>), or taken apart into a picture or a
/// folder of pictures, and a sound, of that name. Without a list every clip is taken. What has no media is counted and reported.
/// </summary>
internal static class ListedClips
{
    /// <summary>VGGSound's and Flickr-SoundNet's clips are this long.</summary>
    private const double ClipSeconds = 10;

    /// <summary>Is there a list with media, or are there pictures and sounds of the same names?</summary>
    public static bool Is(string path) => File.Exists(path) || Candidates(path).Count > 0 || new MediaByName(MediaFiles.Below(path)).Apart().Any();

    public static ClipList List(string path, LayoutOptions options, FileProbe probe)
    {
        var notes = new Notes();
        var media = new MediaByName(MediaFiles.Below(Folder(path)));
        var entries = Entries(path, media, notes).DistinctBy(e => (e.Name, e.Start)).ToList();
        var found = entries.Select(e => (Entry: e, Media: media.Find(e))).ToList();
        probe.Ahead([.. found.Select(f => f.Media?.Video).OfType<string>().Distinct()]);
        var build = new PairBuilder();
        foreach (var (entry, at) in found)
        {
            switch (at)
            {
                case null:
                    notes.Add("clips of the list without media", entry.Name);
                    break;
                case { Video: { } video }:
                    AddVideo(entry, video, at.Whole);
                    break;
                case { Picture: { } picture, Sound: { } sound }:
                    build.Add(picture, null, sound, null, entry.Name, entry.Id, entry.Class);
                    break;
                default:
                    notes.Add("clips with only a picture or only a sound", entry.Name);
                    break;
            }
        }

        return build.List(path, notes);

        void AddVideo(ListEntry entry, string video, bool whole)
        {
            if (probe.Usable(video, entry.Name, notes) is not { } facts)
            {
                return;
            }

            // The frame is the middle of the clip; of a whole video without a begin, frames at a stride.
            IEnumerable<double> moments = !whole ? [facts.Seconds / 2]
                : entry.Start is { } start ? [start + ClipSeconds / 2]
                : facts.Seconds <= 2 * ClipSeconds ? [facts.Seconds / 2]
                : ClipFolder.Moments(facts.Seconds, options.Stride);
            foreach (var moment in moments)
            {
                if (moment >= facts.Seconds)
                {
                    notes.Add("clips that begin after the end of their video", entry.Name);
                    continue;
                }

                build.Add(video, moment, video, moment, entry.Name, entry.Id, entry.Class);
            }
        }
    }

    /// <summary>Where the media of a list are looked for: beside and below it, or, where that holds none, beside its folder.</summary>
    private static string Folder(string path)
    {
        if (!File.Exists(path))
        {
            return path;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var files = MediaFiles.Below(folder);
        return files.Videos.Count + files.Sounds.Count > 0 ? folder : Path.GetDirectoryName(folder) ?? folder;
    }

    private static List<ListEntry> Entries(string path, MediaByName media, Notes notes)
    {
        if (File.Exists(path))
        {
            return ListFile.Read(path, notes);
        }

        var lists = Candidates(path);
        var training = lists.Where(l => Path.GetFileName(l).Contains("train", StringComparison.OrdinalIgnoreCase)).ToList();
        lists = training.Count == 1 ? training : lists;
        return lists.Count switch
        {
            0 => [.. media.Names.Select(n => ListFile.Entry(n, null, null))],
            1 => ListFile.Read(lists[0], notes),
            _ => throw new TrainingDataException(
                $"{path}: has several lists ({string.Join(", ", lists.Select(Path.GetFileName))}); name one: --data list:{lists[0]}"),
        };
    }

    /// <summary>Lists in the folder or one below that name at least one clip that is there.</summary>
    private static List<string> Candidates(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, IgnoreInaccessible = true };
        var lists = Directory.EnumerateFiles(folder, "*", options)
            .Where(f => Path.GetExtension(f).ToUpperInvariant() is ".CSV" or ".TXT" or ".JSON" or ".TSV")
            .Order(StringComparer.Ordinal).ToList();
        if (lists.Count == 0)
        {
            return [];
        }

        var media = new MediaByName(MediaFiles.Below(folder));
        return [.. lists.Where(Names)];

        bool Names(string list)
        {
            try
            {
                return ListFile.Read(list, new Notes()).Exists(e => media.Find(e) is { } found && (found.Video ?? found.Sound) is not null);
            }
            catch (Exception e) when (e is TrainingDataException or SourceException)
            {
                // A note, a licence, settings: no list.
                return false;
            }
        }
    }

    /// <summary>Finds media by the name of the file, or of the folder of pictures.</summary>
    private sealed class MediaByName
    {
        private readonly Dictionary<string, string> _videos;
        private readonly Dictionary<string, string> _sounds;
        private readonly Dictionary<string, string> _pictures;

        public MediaByName(MediaFiles files)
        {
            _videos = ByStem(files.Videos);
            _sounds = ByStem(files.Sounds);
            _pictures = ByStem(files.Pictures);
            foreach (var frames in files.Pictures.GroupBy(p => Path.GetDirectoryName(p)!))
            {
                // The middle frame stands for the clip, as in the methods' own loaders.
                var ordered = frames.Order(StringComparer.Ordinal).ToArray();
                _pictures.TryAdd(Path.GetFileName(frames.Key), ordered[ordered.Length / 2]);
            }
        }

        public IEnumerable<string> Names => _videos.Keys.Concat(Apart()).Distinct().Order(StringComparer.Ordinal);

        public IEnumerable<string> Apart() => _sounds.Keys.Where(_pictures.ContainsKey);

        public Media? Find(ListEntry entry)
        {
            Media? half = null;
            foreach (var (name, whole) in Spellings(entry))
            {
                var media = new Media(_videos.GetValueOrDefault(name), _pictures.GetValueOrDefault(name), _sounds.GetValueOrDefault(name), whole);
                if (media.Video is not null || media is { Picture: not null, Sound: not null })
                {
                    return media;
                }

                half ??= media.Picture is not null || media.Sound is not null ? media : null;
            }

            return half;
        }

        private static IEnumerable<(string Name, bool Whole)> Spellings(ListEntry entry)
        {
            var whole = entry.Name == entry.Id;
            if (!whole)
            {
                yield return (entry.Name, false);
            }

            if (entry.Start is { } start)
            {
                var (culture, second) = (CultureInfo.InvariantCulture, (long)start);
                yield return (string.Create(culture, $"{entry.Id}_{second:D6}"), false);
                yield return (string.Create(culture, $"{entry.Id}_{second * 1000}_{(second + 10) * 1000}"), false);
                yield return (string.Create(culture, $"{entry.Id}_{second}"), false);
            }

            yield return (entry.Id, true);
        }

        private static Dictionary<string, string> ByStem(IEnumerable<string> files)
        {
            var byStem = new Dictionary<string, string>();
            foreach (var file in files)
            {
                byStem.TryAdd(Path.GetFileNameWithoutExtension(file), file);
            }

            return byStem;
        }
    }

    private sealed record Media(string? Video, string? Picture, string? Sound, bool Whole);
}
