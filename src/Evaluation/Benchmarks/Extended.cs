using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// The Extended sets (SLAVC, NeurIPS 2022): a csv <c>video,audio,label</c> of pairs that do not sound, on top of a set with boxes, which lies beside it:
/// <c>vggss.json</c> or <c>Annotations/</c>. Rows with another label take the boxes of their video.
/// </summary>
internal static class Extended
{
    public static bool Fits(string[] lines) => lines.Length > 1 && lines[0].Trim().Equals("video,audio,label", StringComparison.OrdinalIgnoreCase);

    public static Benchmark Read(string file, string[] lines, string data)
    {
        var boxes = Base(Directory.Exists(data) ? data : Path.GetDirectoryName(Path.GetFullPath(file))!, file);
        var problems = boxes.Problems;
        var byName = boxes.Samples.ToDictionary(s => s.Name, StringComparer.Ordinal);
        var samples = new List<BenchmarkSample>(boxes.Samples);
        foreach (var (number, line) in lines.Index().Skip(1).Where(l => l.Item.Trim().Length > 0))
        {
            var cells = TextTable.Row(line);
            if (cells.Length != 3)
            {
                problems.Add("line_unreadable", $"{Path.GetFileName(file)}:{number + 1}");
                continue;
            }

            var (video, audio, silent) = (cells[0], cells[1], cells[2] == "non-sounding");
            if (silent || !byName.ContainsKey(video))
            {
                samples.Add(new BenchmarkSample
                {
                    Name = $"{video}+{audio}", Picture = video, Sound = audio, Scene = $"{video}+{audio}", Truth = Truth.Nothing, Sounds = false,
                });
            }
        }

        return Benchmark.Of("extended-" + boxes.Id, file, samples, problems);
    }

    private static Benchmark Base(string folder, string file)
    {
        if (Path.GetFileName(file).Contains("flickr", StringComparison.OrdinalIgnoreCase) && FlickrSoundNet.Folder(folder) is { } xml)
        {
            return FlickrSoundNet.Read(xml);
        }

        var json = new[] { folder, Path.Combine(folder, "metadata"), Path.GetDirectoryName(Path.GetFullPath(file))! }.Select(f => Path.Combine(f, "vggss.json")).FirstOrDefault(File.Exists);
        if (json is null)
        {
            return FlickrSoundNet.Folder(folder) is { } annotations
                ? FlickrSoundNet.Read(annotations)
                : throw new EvaluationException($"{file}: the boxes it extends are not beside it (vggss.json, or Annotations/*.xml)");
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(json));
        return VggSs.Read(json, document.RootElement);
    }
}
