using System.Text.RegularExpressions;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// Finds the media of a set under a folder by name, however they were laid out: a picture and a sound, or a video that has both; with VGGSound's
/// naming by milliseconds as well as by seconds; in any folder below. An annotation's own folders decide where a base name is there more than once.
/// </summary>
public sealed partial class MediaIndex
{
    private readonly ILookup<string, string> _byName;
    private readonly Problems _problems;
    private readonly HashSet<string> _ambiguous = new(StringComparer.Ordinal);

    /// <summary>Lists a folder.</summary>
    /// <param name="root">Where the media are; everything below is looked at once.</param>
    /// <param name="problems">Where names that are there more than once are told.</param>
    public MediaIndex(string root, Problems problems)
    {
        _problems = problems;
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        _byName = Directory.EnumerateFiles(root, "*", options)
            .Where(IsMedia)
            .Order(StringComparer.Ordinal)
            .ToLookup(f => Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal);
    }

    /// <summary>The picture of that name, or the video; null if there is neither.</summary>
    public string? Picture(string name) => Find(name, MediaKinds.IsPicture) ?? Find(name, MediaKinds.IsVideo);

    /// <summary>The sound of that name, or the video; null if there is neither.</summary>
    public string? Sound(string name) => Find(name, MediaKinds.IsSound) ?? Find(name, MediaKinds.IsVideo);

    /// <summary>The video of that name; null if there is none.</summary>
    public string? Video(string name) => Find(name, MediaKinds.IsVideo);

    private string? Find(string name, Func<string, bool> fits)
    {
        foreach (var key in Keys(name))
        {
            var found = _byName[key].Where(fits).ToArray();
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
            if (Common(best[0].Replace('\\', '/'), path) == Common(best[1].Replace('\\', '/'), path) && _ambiguous.Add(name))
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
        var known = IsMedia(file);
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

    private static bool IsMedia(string path) => MediaKinds.IsPicture(path) || MediaKinds.IsSound(path) || MediaKinds.IsVideo(path);

    private static int Common(string a, string b)
    {
        var (x, y) = (Stem(a).Split('/'), Stem(b).Split('/'));
        return Enumerable.Range(1, Math.Min(x.Length, y.Length)).TakeWhile(i => x[^i] == y[^i]).Count();
    }

    private static string Stem(string path) => path[..^Path.GetExtension(path).Length];

    [GeneratedRegex(@"^(.{11})_(\d{6})$")]
    private static partial Regex YouTube();
}
