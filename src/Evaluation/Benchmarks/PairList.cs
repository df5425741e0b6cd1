using System.Text.Json;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// SSLalign's lists of <c>{image, audio, gt_box}</c>: IS3 (<c>synthetic3240_bbox.json</c>), VPO-SS and VPO-MS, AVSBench S4 and MS3, and what
/// <c>make-mosaic</c> writes. Paths in them are their authors' own: only base names count. Boxes are pixels of a 224 frame; <c>*_seg.json</c> has the path of a
/// mask instead. Of S4 and MS3, boxes of 0,0,0,0 mean that nothing sounds; VPO and MS3 have some.
/// </summary>
internal static class PairList
{
    public static bool Fits(JsonElement root) => JsonNumbers.ListWith(root, "image", "audio", "gt_box");

    public static Benchmark Read(string file, JsonElement root, string data)
    {
        var id = Kind(Path.GetFileName(file), root);
        var problems = new Problems();
        var samples = new List<BenchmarkSample>();
        foreach (var entry in root.EnumerateArray())
        {
            var (image, audio) = (entry.GetProperty("image").GetString()!, Base(entry.GetProperty("audio").GetString()!));
            var (name, gt) = (Base(image), entry.GetProperty("gt_box"));
            var masked = gt.ValueKind == JsonValueKind.String;
            var box = masked ? default : JsonNumbers.Box(gt);
            if (!masked && box is { X0: 0, Y0: 0, X1: 0, Y1: 0 })
            {
                problems.Add("box_empty", name);
            }

            samples.Add(new BenchmarkSample
            {
                Name = name, Picture = name, Sound = audio, Class = JsonNumbers.Text(entry, "class") ?? Class(id, image),
                Scene = id is "s4" or "ms3" ? name : Conventions.GroupOf(name) is { Length: > 0 } group ? group : name,
                Truth = masked ? new Truth([], BoxUnit.Pixel224) { Mask = Locate(gt.GetString()!, data, file) } : new Truth([box], BoxUnit.Pixel224),
            });
        }

        return Benchmark.Of(id, file, samples, problems) with { ClipSeconds = id is "s4" or "ms3" ? 5 : 10 };
    }

    private static string Kind(string file, JsonElement root) => file.ToUpperInvariant() switch
    {
        var f when f.Contains("VPO_SS") => "vpo-ss",
        var f when f.Contains("VPO_MS") => "vpo-ms",
        var f when f.Contains("MS3") => "ms3",
        var f when f.StartsWith("S4", StringComparison.Ordinal) => "s4",
        var f when f.Contains("MOSAIC") => "mosaic",
        _ => "is3",
    };

    /// <summary>S4's folder above the video's is the class; IS3's name ends with it.</summary>
    private static string? Class(string id, string image)
    {
        var parts = image.Split('/');
        var name = Path.GetFileNameWithoutExtension(parts[^1]);
        return id switch
        {
            "s4" => parts.Length > 2 ? parts[^3] : null,
            "is3" => name[(name.LastIndexOf('_') + 1)..],
            _ => null,
        };
    }

    private static string Base(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>A mask lies where the list says, or under the data folder by as much of its path as there is: names repeat between folders.</summary>
    private static string Locate(string path, string data, string file)
    {
        var root = Directory.Exists(data) ? data : Path.GetDirectoryName(Path.GetFullPath(file))!;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Enumerable.Range(0, parts.Length).Select(i => Path.Combine([root, .. parts[i..]])).FirstOrDefault(File.Exists) ?? path;
    }
}
