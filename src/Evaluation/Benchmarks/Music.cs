using System.Text.Json;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// MUSIC solos and duets as DSOL (NeurIPS 2020) annotated them: <c>solotest.json</c>, <c>duettest.json</c>, a dictionary from the frame's path to
/// <c>{bbox: [{box, normbox, category_id}], ...}</c>, boxes as x, y, width, height. Read as corners, as one published evaluation does, most of them are empty.
/// </summary>
internal static class Music
{
    public static bool Fits(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Object } first
        && first.Value.TryGetProperty("bbox", out var boxes) && boxes.ValueKind == JsonValueKind.Array;

    public static Benchmark Read(string file, JsonElement root)
    {
        var problems = new Problems();
        var duet = Path.GetFileName(file).Contains("duet", StringComparison.OrdinalIgnoreCase);
        var samples = root.EnumerateObject().Select(frame =>
        {
            var boxes = frame.Value.GetProperty("bbox").EnumerateArray().ToArray();
            return new BenchmarkSample
            {
                // Frames of all videos are numbered alike: their folder belongs to the name.
                Name = frame.Name, Picture = frame.Name, Sound = SoundOf(frame.Name), Scene = frame.Name,
                Class = boxes.Length > 0 ? Category(boxes[0]) : null,
                Truth = new Truth([.. boxes.Select(b => Corners(JsonNumbers.Box(b.GetProperty("normbox"))) with { Class = Category(b) })], BoxUnit.Fraction),
            };
        });
        return Benchmark.Of(duet ? "music-duet" : "music-solo", file, samples.ToArray(), problems) with { PartOfMaximum = duet ? 0.2 : 0.5 };
    }

    private static string? Category(JsonElement box) => box.TryGetProperty("category_id", out var category) ? category.ToString() : null;

    private static TruthBox Corners(TruthBox xywh) => new(xywh.X0, xywh.Y0, xywh.X0 + xywh.X1, xywh.Y0 + xywh.Y1);

    /// <summary>A frame <c>.../VIDEO/0012.jpg</c> belongs to the sound VIDEO; a frame on its own has its own.</summary>
    private static string SoundOf(string frame)
    {
        var parts = frame.Split('/');
        return parts.Length > 1 && Path.GetFileNameWithoutExtension(parts[^1]).All(char.IsAsciiDigit) ? parts[^2] : frame;
    }
}
