using System.Text.Json;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// VGG-SS (Chen et al., CVPR 2021): <c>vggss.json</c>, a list of <c>{file, class, bbox}</c>; file = YouTube id + '_' + start second of six digits; boxes
/// as parts of width and height. The published file has coordinates like -2.9e16 (clipped) and inverted boxes (give nothing).
/// </summary>
internal static class VggSs
{
    public const string Id = "vgg-ss";

    public static bool Fits(JsonElement root) => JsonNumbers.ListWith(root, "file", "bbox");

    public static Benchmark Read(string file, JsonElement root)
    {
        var samples = root.EnumerateArray().Select(entry =>
        {
            var name = entry.GetProperty("file").GetString()!;
            return new BenchmarkSample
            {
                Name = name, Picture = name, Sound = name, Scene = name, Class = JsonNumbers.Text(entry, "class"),
                Truth = new Truth([.. entry.GetProperty("bbox").EnumerateArray().Select(JsonNumbers.Box)], BoxUnit.Fraction),
            };
        });
        return Benchmark.Of(Id, file, samples, new Problems());
    }
}
