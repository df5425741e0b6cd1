using System.Text.Json;
using System.Text.RegularExpressions;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>Finds out which set a folder (or an annotation file) holds, by what is in it rather than by its name, and reads it.</summary>
public static partial class BenchmarkReader
{
    private static readonly (string Id, Func<string, JsonElement, bool> Fits, Func<string, JsonElement, string, Benchmark> Read)[] Json =
    [
        (VggSs.Id, (_, j) => VggSs.Fits(j), (f, j, _) => VggSs.Read(f, j)),
        ("pairs", (_, j) => PairList.Fits(j), PairList.Read),
        ("music", (_, j) => Music.Fits(j), (f, j, _) => Music.Read(f, j)),
        ("folder", (_, j) => PlainFolder.Fits(j), (f, j, _) => PlainFolder.Read(f, j)),
    ];

    /// <summary>Reads a set.</summary>
    /// <param name="data">A folder, or an annotation file.</param>
    /// <param name="annotations">The annotation file, where the folder has several or lies elsewhere; null: found in the folder.</param>
    /// <exception cref="EvaluationException">There is none, several, or it cannot be read.</exception>
    public static Benchmark Read(string data, string? annotations = null)
    {
        if (annotations is null && !Directory.Exists(data))
        {
            annotations = File.Exists(data) ? data : throw new EvaluationException($"--data {data}: no such folder or file");
        }

        if (annotations is not null)
        {
            return ReadFile(annotations, data)
                ?? throw new EvaluationException($"{annotations}: of none of the known forms; docs/6-evaluation.md lists them");
        }

        if (FlickrSoundNet.Folder(data) is { } xml && !Files(data, "*_plus_silent.csv").Any())
        {
            return FlickrSoundNet.Read(xml);
        }

        var found = Files(data, "*.csv").Concat(Files(data, "*.json")).Select(f => (File: f, Set: ReadFile(f, data))).Where(f => f.Set is not null).ToArray();

        // An Extended list refers to boxes beside it: it is what is meant, they are what it needs.
        var extended = Array.FindAll(found, f => f.Set!.Id.StartsWith("extended", StringComparison.Ordinal));
        found = extended.Length > 0 ? extended : found;
        return found.Length switch
        {
            1 => found[0].Set!,
            0 => throw new EvaluationException($"--data {data}: no annotations found (vggss.json, Annotations/*.xml, *_bbox.json, boxes.csv, ...); docs/6-evaluation.md lists the forms"),
            _ => throw new EvaluationException($"--data {data}: several annotations ({string.Join(", ", found.Select(f => Path.GetFileName(f.File)))}); choose one with --annotations"),
        };
    }

    private static Benchmark? ReadFile(string file, string data)
    {
        if (!File.Exists(file))
        {
            throw new EvaluationException($"--annotations {file}: no such file");
        }

        if (file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            var lines = File.ReadAllLines(file);
            return Extended.Fits(lines) ? Extended.Read(file, lines, data) : PlainFolder.Fits(lines) ? PlainFolder.Read(file, lines) : null;
        }

        try
        {
            // Python writes what is not a number as a bare word, which is no JSON: here it becomes null.
            var text = BareWord().Replace(File.ReadAllText(file), "null");
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true });
            var root = document.RootElement;
            return Json.FirstOrDefault(r => r.Fits(file, root)).Read?.Invoke(file, root, data);
        }
        catch (JsonException e)
        {
            throw new EvaluationException($"{file}:{e.LineNumber + 1}: no JSON ({e.Message.Split(" LineNumber")[0]})", e);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new EvaluationException($"{file}: an entry is not of the form of the others ({e.Message})", e);
        }
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(
            Directory.Exists(Path.Combine(folder, "metadata")) ? Directory.EnumerateFiles(Path.Combine(folder, "metadata"), pattern) : [])
        .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"(?<=[\[,:\s])-?(NaN|Infinity)(?=\s*[\],}])")]
    private static partial Regex BareWord();
}
