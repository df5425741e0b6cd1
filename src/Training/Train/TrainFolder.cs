using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RealtimeSsl.Training.Train;

/// <summary>
/// The folder of a training run: settings, checkpoints, numbers, sheets. Lines of numbers that lie after a checkpoint are taken back when a run is
/// resumed from it, so that the files read as if it had never been interrupted.
/// </summary>
public sealed class TrainFolder
{
    /// <summary>Name of the file with the settings as they took effect.</summary>
    public const string Settings = "config.yaml";

    private static readonly JsonSerializerOptions Plain = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
    private readonly string _log;

    /// <summary>Opens the folder of a run, or makes it.</summary>
    public TrainFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(Sheets);
        _log = System.IO.Path.Combine(Path, "metrics.jsonl");
    }

    /// <summary>Makes a new folder: the time and a name, and a number if that is taken.</summary>
    /// <param name="parent">Where, e.g. <c>runs/train</c>.</param>
    /// <param name="utc">The time.</param>
    /// <param name="name">The name.</param>
    public static TrainFolder New(string parent, DateTime utc, string name)
    {
        var wanted = System.IO.Path.Combine(parent, $"{utc.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{name}");
        var path = wanted;
        for (var i = 2; System.IO.Path.Exists(path); i++)
        {
            path = $"{wanted}-{i}";
        }

        return new TrainFolder(path);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The newest checkpoint.</summary>
    public string Last => System.IO.Path.Combine(Path, "last.checkpoint");

    /// <summary>The weights with the best score.</summary>
    public string Best => System.IO.Path.Combine(Path, "best.safetensors");

    /// <summary>The weights at its end.</summary>
    public string Final => System.IO.Path.Combine(Path, "final.safetensors");

    /// <summary>Pictures with heatmaps, one sheet for each validation.</summary>
    public string Sheets => System.IO.Path.Combine(Path, "sheets");

    /// <summary>Appends a line of numbers to <c>metrics.jsonl</c>.</summary>
    public void Append(IReadOnlyDictionary<string, object> numbers) => File.AppendAllText(_log, JsonSerializer.Serialize(numbers, Plain) + "\n");

    /// <summary>The validations as <c>metrics.csv</c>.</summary>
    public void WriteTable()
    {
        List<Dictionary<string, JsonElement>> rows = [];
        List<string> columns = [];
        foreach (var line in Lines())
        {
            var row = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!;
            if (row.ContainsKey("validation"))
            {
                rows.Add(row);
                columns.AddRange(row.Keys.Where(k => k != "validation" && !columns.Contains(k)));
            }
        }

        var text = new StringBuilder().AppendJoin(',', columns).Append('\n');
        foreach (var row in rows)
        {
            text.AppendJoin(',', columns.Select(c => row.TryGetValue(c, out var v) ? v.ToString() : "")).Append('\n');
        }

        WriteWhole("metrics.csv", Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Takes back what was written after a step.</summary>
    public void TakeBack(long step)
    {
        var kept = Lines().Where(l => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(l)!["step"].GetInt64() <= step);
        WriteWhole("metrics.jsonl", Encoding.UTF8.GetBytes(string.Concat(kept.Select(l => l + "\n"))));
    }

    /// <summary>Writes a file whole or not at all.</summary>
    public void WriteWhole(string name, byte[] content)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path + ".part", content);
        File.Move(path + ".part", path, overwrite: true);
    }

    /// <summary>A line that a killed program left unfinished is none.</summary>
    private List<string> Lines() => File.Exists(_log) ? [.. File.ReadLines(_log).Where(l => l.StartsWith('{') && l.EndsWith('}'))] : [];
}
