using System.Text.RegularExpressions;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// Finds the media of a set under a folder by name, however they were laid out: a picture and a sound, or a video that has both; with VGGSound's
/// naming by milliseconds as well as by seconds; in any folder below. An annotation's own folders decide where a base name is there more than once.
/// </summary>
public sealed partial class MediaIndex
{
    private static readonly string[] Pictures = [".jpg", ".jpeg", ".png", ".bmp", ".webp"];
    private static readonly string[] Sounds = [".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a"];
    private static readonly string[] Videos = [".mp4", ".mkv", ".webm", ".avi", ".mov"];
    private readonly ILookup<string, string> _byName;
    private readonly Problems _problems;

    /// <summary>Lists a folder.</summary>
    /// <param name="root">Where the media are; everything below is looked at once.</param>
    /// <param name="problems">Where names that are there more than once are told.</param>
    public MediaIndex(string root, Problems problems)
    {
        _problems = problems;
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        _byName = Directory.EnumerateFiles(root, "*", options)
            .Where(f => Kinds.Any(k => k.Contains(Path.GetExtension(f).ToLowerInvariant())))
            .Order(StringComparer.Ordinal)
            .ToLookup(f => Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal);
    }

    private static string[][] Kinds => [Pictures, Sounds, Videos];

    /// <summary>Whether a file is a video.</summary>
    public static bool IsVideo(string path) => Videos.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The picture of that name, or the video; null if there is neither.</summary>
    public string? Picture(string name) => Find(name, Pictures) ?? Find(name, Videos);

    /// <summary>The sound of that name, or the video; null if there is neither.</summary>
    public string? Sound(string name) => Find(name, Sounds) ?? Find(name, Videos);

    /// <summary>The video of that name; null if there is none.</summary>
    public string? Video(string name) => Find(name, Videos);

    private string? Find(string name, string[] kinds)
    {
        foreach (var key in Keys(name))
        {
            var found = _byName[key].Where(f => kinds.Contains(Path.GetExtension(f).ToLowerInvariant())).ToArray();
            if (found.Length <= 1)
            {
                if (found.Length == 1)
                {
                    return found[0];
                }

                continue;
            }

            // The longest end of the path that agrees with the annotation's; else the first, and said so.
            var path = name.Replace('\\', '/');
            var best = found.OrderByDescending(f => Common(f.Replace('\\', '/'), path)).ThenBy(f => f, StringComparer.Ordinal).ToArray();
            if (Common(best[0].Replace('\\', '/'), path) == Common(best[1].Replace('\\', '/'), path))
            {
                _problems.Add("media_name_more_than_once_took_the_first", name);
            }

            return best[0];
        }

        return null;
    }

    /// <summary>Names under which media of this name go.</summary>
    private static IEnumerable<string> Keys(string name)
    {
        var file = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        yield return file;
        var known = Kinds.Any(k => k.Contains(Path.GetExtension(file).ToLowerInvariant()));
        var plain = known ? Path.GetFileNameWithoutExtension(file) : file;
        yield return plain;
        if (YouTube().Match(plain) is { Success: true } match)
        {
            var (id, second) = (match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
            yield return $"{id}_{second * 1000}_{(second + 10) * 1000}";
            yield return $"{id}_{second}";
            yield return $"{id}_{second}_{second + 10}";
        }

        // IS3 and what is made like it: one picture for all sounds of a scene.
        if (plain.LastIndexOf('_') is > 0 and var end && known)
        {
            yield return plain[..end];
        }
    }

    private static int Common(string a, string b)
    {
        var (x, y) = (Stem(a).Split('/'), Stem(b).Split('/'));
        return Enumerable.Range(1, Math.Min(x.Length, y.Length)).TakeWhile(i => x[^i] == y[^i]).Count();
    }

    private static string Stem(string path) => path[..^Path.GetExtension(path).Length];

    [GeneratedRegex(@"^(.{11})_(\d{6})$")]
    private static partial Regex YouTube();
}
