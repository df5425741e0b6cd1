using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>A clip that a list names.</summary>
/// <param name="Name">As it stands there, without folders and extension.</param>
/// <param name="Id">Of the video it is cut from.</param>
/// <param name="Start">Seconds at which it begins in that video, if told.</param>
/// <param name="Class">Its class, if told.</param>
internal sealed record ListEntry(string Name, string Id, double? Start, string? Class);

/// <summary>
/// Reads the lists that come with VGGSound (<c>id,start,label,split</c>; <c>id_000032</c>), Flickr-SoundNet (<c>id</c> or <c>id,number</c>),
/// MUSIC (<c>{"videos": {"accordion": ["id", ...]}}</c>) and their relatives (VGG-SS' array of objects). What a split column calls a test is left out.
/// </summary>
internal static partial class ListFile
{
    private static readonly string[] Names = ["file", "id", "video", "video_id", "ytid", "youtube_id", "youtubeid", "name", "clip", "image"];
    private static readonly string[] Starts = ["start", "start_seconds", "start_time", "begin"];
    private static readonly string[] Labels = ["class", "label", "labels", "category", "cls"];
    private static readonly string[] Splits = ["split", "set", "subset"];

    // Names in a JSON list that are no classes.
    private static readonly HashSet<string> Plain =
        new(StringComparer.OrdinalIgnoreCase) { "videos", "files", "items", "clips", "ids", "data", "list", "train", "training", "val", "test" };

    public static List<ListEntry> Read(string path, Notes notes) =>
        Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? Json(path) : Rows(path, notes);

    /// <summary>An entry from the name of a clip: <c>ID_000032</c> begins at 32 s, <c>ID_32000_42000</c> too.</summary>
    public static ListEntry Entry(string text, double? start, string? label)
    {
        var name = Path.GetFileName(text.Replace('\\', '/').TrimEnd('/'));
        name = Extension().Replace(name, "");
        if (Milliseconds().Match(name) is { Success: true } ms)
        {
            return new ListEntry(name, ms.Groups[1].Value, Number(ms.Groups[2].Value) / 1000, label);
        }

        return Seconds().Match(name) is { Success: true } s
            ? new ListEntry(name, s.Groups[1].Value, Number(s.Groups[2].Value), label)
            : new ListEntry(name, name, start, label);
    }

    private static List<ListEntry> Rows(string path, Notes notes)
    {
        var rows = TextTable.Read(path);
        var header = rows.Count > 0 ? Array.ConvertAll(rows[0], c => c.ToLowerInvariant()) : [];
        int Column(string[] names) => Array.FindIndex(header, c => names.Contains(c));
        var (name, start, label, split) = (Column(Names), Column(Starts), Column(Labels), Column(Splits));
        if (name < 0)
        {
            // No header: VGGSound's order, where a number in the second column is the begin and anything else is the class.
            (name, start, label, split) = (0, -1, -1, -1);
            if (rows.Find(r => r.Length > 1) is { } row)
            {
                (start, label) = Number(row[1]) is null ? (-1, 1) : (1, row.Length > 2 ? 2 : -1);
                split = row.Length > 3 ? 3 : -1;
            }
        }
        else
        {
            rows.RemoveAt(0);
        }

        List<ListEntry> entries = [];
        foreach (var row in rows.Where(r => r.Length > name && r[name].Length > 0))
        {
            string? Field(int column) => column >= 0 && column < row.Length ? row[column] : null;
            if (Field(split)?.Equals("test", StringComparison.OrdinalIgnoreCase) == true)
            {
                notes.Add("clips that the list keeps for the test", row[name]);
                continue;
            }

            entries.Add(Entry(row[name], Number(Field(start)), Field(label)));
        }

        return entries;
    }

    private static List<ListEntry> Json(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            List<ListEntry> entries = [];
            Walk(document.RootElement, null, entries);
            return entries;
        }
        catch (JsonException e)
        {
            throw new TrainingDataException($"{path}: is no JSON ({e.Message})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingDataException($"{path}: cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static void Walk(JsonElement element, string? under, List<ListEntry> entries)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                entries.Add(Entry(element.GetString()!, null, under));
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Walk(item, under, entries);
                }

                break;
            case JsonValueKind.Object when Text(element, Names) is { } name:
                entries.Add(Entry(name, Number(Text(element, Starts)), Text(element, Labels) ?? under));
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object))
                {
                    Walk(property.Value, Plain.Contains(property.Name) ? under : property.Name, entries);
                }

                break;
        }
    }

    private static string? Text(JsonElement element, string[] names)
    {
        foreach (var name in names)
        {
            if (element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            {
                return value.ToString();
            }
        }

        return null;
    }

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : null;

    [GeneratedRegex(@"^(.+)_(\d{1,9})_(\d{1,9})$")]
    private static partial Regex Milliseconds();

    [GeneratedRegex(@"^(.+)_(\d{6})$")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"\.(mp4|mkv|webm|avi|mov|m4v|flv|wav|ogg|flac|mp3|m4a|jpg|jpeg|png|npy)$", RegexOptions.IgnoreCase)]
    private static partial Regex Extension();
}
