using System.Globalization;
using System.Text.Json;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// Anybody's own set. JSON: a list of <c>{picture, sound?, boxes | mask, class?, classes?, scene?, at?, unit?}</c>, <c>classes</c> being one per box. CSV: a header with at least
/// <c>picture,x0,y0,x1,y1</c>, and <c>sound,class,scene,at</c> where wanted; one line per box, lines of one picture and sound are one sample. Boxes are parts of width
/// and height, or pixels of a 224 or 256 frame (<c>unit</c>: fraction, pixel224, pixel256). Without sound, the picture is a video and has its own.
/// </summary>
internal static class PlainFolder
{
    private const string Id = "folder";
    private static readonly string[] Needed = ["picture", "x0", "y0", "x1", "y1"];

    public static bool Fits(JsonElement root) =>
        JsonNumbers.ListWith(root, "picture", "boxes") || JsonNumbers.ListWith(root, "picture", "mask");

    public static bool Fits(string[] lines) =>
        lines.Length > 1 && TextTable.Row(lines[0]).ToHashSet() is var columns && Needed.All(columns.Contains);

    public static Benchmark Read(string file, JsonElement root)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var samples = root.EnumerateArray().Select(entry =>
        {
            var mask = JsonNumbers.Text(entry, "mask");
            var boxes = entry.TryGetProperty("boxes", out var list) ? list.EnumerateArray().Select(JsonNumbers.Box).ToArray() : [];
            if (entry.TryGetProperty("classes", out var classes))
            {
                boxes = classes.GetArrayLength() == boxes.Length
                    ? [.. boxes.Zip(classes.EnumerateArray(), (b, c) => b with { Class = c.GetString() })]
                    : throw new EvaluationException($"{file}: {entry.GetProperty("picture")}: {classes.GetArrayLength()} classes of {boxes.Length} boxes; give one for each");
            }

            var truth = new Truth(boxes, Unit(file, JsonNumbers.Text(entry, "unit"))) { Mask = mask is null ? null : Path.Combine(folder, mask) };
            var sample = Sample(
                entry.GetProperty("picture").GetString()!, JsonNumbers.Text(entry, "sound"), truth, JsonNumbers.Text(entry, "class") ?? boxes.FirstOrDefault().Class, JsonNumbers.Text(entry, "scene"));
            return sample with { At = entry.TryGetProperty("at", out var at) ? JsonNumbers.Number(at) : null };
        });
        return Benchmark.Of(Id, file, samples.ToArray(), new Problems());
    }

    public static Benchmark Read(string file, string[] lines)
    {
        var problems = new Problems();
        var columns = TextTable.Row(lines[0]).ToList();
        var rows = new List<(string Picture, string? Sound, TruthBox Box, string? Class, string? Scene, string? At, string? Unit)>();
        foreach (var (number, line) in lines.Index().Skip(1).Where(l => l.Item.Trim().Length > 0))
        {
            var cells = TextTable.Row(line);
            if (cells.Length != columns.Count)
            {
                problems.Add("line_unreadable", $"{Path.GetFileName(file)}:{number + 1}");
                continue;
            }

            var box = new TruthBox(Number("x0"), Number("y0"), Number("x1"), Number("y1"));
            rows.Add((Cell("picture")!, Cell("sound"), box with { Class = Cell("class") }, Cell("class"), Cell("scene"), Cell("at"), Cell("unit")));

            string? Cell(string name) => columns.IndexOf(name) is >= 0 and var at && cells[at].Length > 0 ? cells[at] : null;
            double Number(string name) => double.TryParse(Cell(name), CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
        }

        var samples = rows.GroupBy(r => (r.Picture, r.Sound)).Select(g =>
        {
            var first = g.First();
            var sample = Sample(first.Picture, first.Sound, new Truth([.. g.Select(r => r.Box)], Unit(file, first.Unit)), first.Class, first.Scene);
            return sample with { At = double.TryParse(first.At, CultureInfo.InvariantCulture, out var at) ? at : null };
        });
        return Benchmark.Of(Id, file, samples.ToArray(), problems);
    }

    private static BenchmarkSample Sample(string picture, string? sound, Truth truth, string? label, string? scene) => new()
    {
        Name = sound is null ? picture : $"{picture}+{sound}", Picture = picture, Sound = sound ?? picture, Scene = scene ?? picture, Truth = truth, Class = label,
    };

    private static BoxUnit Unit(string file, string? unit) => unit switch
    {
        null or "fraction" => BoxUnit.Fraction,
        "pixel224" => BoxUnit.Pixel224,
        "pixel256" => BoxUnit.Pixel256,
        _ => throw new EvaluationException($"{file}: unit '{unit}' is unknown; there are fraction, pixel224, pixel256"),
    };
}
