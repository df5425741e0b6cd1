using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// Maps that somebody saved, our own runs or another program: of sample NAME, <c>NAME.npy</c> [rows, cols], or a run folder <c>NAME/</c> with
/// <c>heatmaps.npy</c> and <c>heatmaps.csv</c>, of which the frame nearest to the annotated one is taken; or one <c>heatmaps.npy</c> [n, rows, cols] whose
/// <c>heatmaps.csv</c> has a column <c>name</c>. float32, C order, raw scores. A method with a map per class has <c>NAME.CLASS.npy</c> for each class, besides or
/// instead of <c>NAME.npy</c>.
/// </summary>
/// <param name="folder">Where they lie.</param>
/// <param name="media">For the length of videos and the baselines.</param>
/// <param name="problems">Where missing maps are told.</param>
public sealed partial class SavedMaps(string folder, ISampleMedia media, Problems problems) : IMapMaker
{
    private readonly SoundLibrary _library = new(media, problems, 0);
    private readonly Saliency _saliency = new(null);

    /// <inheritdoc/>
    public LocalizerInfo Info { get; } = new($"heatmaps of {Path.GetFileName(Path.GetFullPath(folder).TrimEnd('/'))}", null, new DeviceChoice("cpu", "cpu", null));

    /// <inheritdoc/>
    public HeatmapUpsampling? Upsampling => null;

    /// <inheritdoc/>
    public float Temperature => 1;

    /// <inheritdoc/>
    public string SaliencyName => _saliency.Name;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SampleMaps> MakeAsync(
        IReadOnlyList<(Located Sample, Located? Stranger)> samples, [EnumeratorCancellation] CancellationToken stop)
    {
        await Task.Yield();
        var together = File.Exists(Path.Combine(folder, "heatmaps.npy")) ? Array(Path.Combine(folder, "heatmaps.npy")) : default;
        var names = Column(Path.Combine(folder, "heatmaps.csv"), "name");
        var classFiles = new ClassFiles(folder);
        foreach (var (sample, _) in samples)
        {
            stop.ThrowIfCancellationRequested();
            var byClass = ByClass(sample, classFiles);
            if ((Find(sample, together, names, stop) ?? Highest(byClass)) is not { } map)
            {
                problems.Add("heatmap_missing", sample.Sample.Name);
                continue;
            }

            if (byClass.FirstOrDefault(m => (m.Value.Rows, m.Value.Cols) != (map.Rows, map.Cols)) is { Key: { } odd, Value: var other })
            {
                throw new EvaluationException(
                    $"{folder}: the map of {sample.Sample.Name} for class {odd} is {other.Rows} x {other.Cols}, another of it {map.Rows} x {map.Cols}: all of a sample must be of one size");
            }

            if (_library.See(sample, stop) is { } picture)
            {
                var salient = _saliency.See(picture);
                yield return new SampleMaps
                {
                    Index = sample.Index, Rows = map.Rows, Cols = map.Cols, Own = new HeardMap(map.Scores, map.Scores.Max()),
                    ByClass = byClass.ToDictionary(m => m.Key, m => m.Value.Scores),
                    Salient = salient.Map, SalientRows = salient.Rows, SalientCols = salient.Cols,
                };
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private (float[] Scores, int Rows, int Cols)? Find(Located sample, Npy together, string[] names, CancellationToken stop)
    {
        foreach (var key in Keys(sample))
        {
            if (names.AsSpan().IndexOf(key) is >= 0 and var row)
            {
                return together.Item(row);
            }

            if (File.Exists(Path.Combine(folder, key + ".npy")))
            {
                return Array(Path.Combine(folder, key + ".npy")).Item(0);
            }

            if (File.Exists(Path.Combine(folder, key, "heatmaps.npy")))
            {
                return Nearest(Path.Combine(folder, key), sample, stop);
            }
        }

        return null;
    }

    /// <summary>Under which names a sample's maps may lie: as annotated, without its ending, without its folders (frames of many videos are numbered alike).</summary>
    private static string[] Keys(Located sample) =>
        [sample.Sample.Name, Path.ChangeExtension(sample.Sample.Name, null), Path.GetFileNameWithoutExtension(sample.Sample.Name)];

    private Dictionary<string, (float[] Scores, int Rows, int Cols)> ByClass(Located sample, ClassFiles files)
    {
        var maps = new Dictionary<string, (float[] Scores, int Rows, int Cols)>(StringComparer.Ordinal);
        foreach (var (label, file) in files.Of(Keys(sample)))
        {
            var map = Array(file).Item(0) ?? throw new EvaluationException($"{file}: no map in it");
            if (map.Scores.Any(v => v is < 0 or > 1))
            {
                problems.Add("map_of_a_class_not_within_0_to_1", $"{sample.Sample.Name} ({label})");
            }

            maps[label] = map;
        }

        return maps;
    }

    /// <summary>What stands for the map of a sample that has maps per class only: the highest of them, cell by cell.</summary>
    private static (float[] Scores, int Rows, int Cols)? Highest(Dictionary<string, (float[] Scores, int Rows, int Cols)> maps)
    {
        if (maps.Count == 0)
        {
            return null;
        }

        var (first, highest) = (maps.Values.First(), (float[])maps.Values.First().Scores.Clone());
        foreach (var (scores, _, _) in maps.Values.Where(m => m.Scores.Length == highest.Length))
        {
            TensorPrimitives.Max(highest, scores, highest);
        }

        return (highest, first.Rows, first.Cols);
    }

    private (float[] Scores, int Rows, int Cols)? Nearest(string run, Located sample, CancellationToken stop)
    {
        var times = Column(Path.Combine(run, "heatmaps.csv"), "media_time").Select(t => double.TryParse(t, CultureInfo.InvariantCulture, out var time) ? time : double.PositiveInfinity).ToArray();
        var at = sample.Sample.At ?? media.Length(sample.Picture, stop) / 2;
        var maps = Array(Path.Combine(run, "heatmaps.npy"));
        return times.Length == 0 ? null : maps.Item(times.Index().Take(maps.Count).MinBy(t => Math.Abs(t.Item - at)).Index);
    }

    private static string[] Column(string csv, string name)
    {
        if (!File.Exists(csv))
        {
            return [];
        }

        var lines = File.ReadAllLines(csv);
        var column = lines.Length == 0 ? -1 : TextTable.Row(lines[0]).AsSpan().IndexOf(name);
        return column < 0 ? [] : [.. lines.Skip(1).Select(TextTable.Row).Where(c => c.Length > column).Select(c => c[column])];
    }

    private static Npy Array(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < 12 || bytes[0] != 0x93 || !bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
        {
            throw new EvaluationException($"{path}: no NumPy array");
        }

        var wide = bytes[6] > 1;
        var length = wide ? BitConverter.ToInt32(bytes, 8) : BitConverter.ToUInt16(bytes, 8);
        var begin = wide ? 12 : 10;
        var header = Encoding.ASCII.GetString(bytes, begin, Math.Min(length, bytes.Length - begin));
        var shape = Shape().Match(header).Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(d => int.Parse(d, CultureInfo.InvariantCulture)).ToArray();
        var (rows, cols) = shape.Length >= 2 ? (shape[^2], shape[^1]) : (0, 0);
        if (!header.Contains("'<f4'", StringComparison.Ordinal) || header.Contains("'fortran_order': True", StringComparison.Ordinal) || rows * cols == 0 || begin + length > bytes.Length)
        {
            throw new EvaluationException($"{path}: {header.Trim()}: expected float32 [rows, cols] or [n, rows, cols] in C order");
        }

        var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(begin + length));
        return new Npy(values[..(values.Length / (rows * cols) * rows * cols)].ToArray(), rows, cols);
    }

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex Shape();

    private readonly record struct Npy(float[] Values, int Rows, int Cols)
    {
        public int Count => Values.Length / Math.Max(1, Rows * Cols);

        public (float[] Scores, int Rows, int Cols)? Item(int i) => i < Count ? (Values.AsSpan(i * Rows * Cols, Rows * Cols).ToArray(), Rows, Cols) : null;
    }
}
