using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import;

/// <summary>What was taken from a checkpoint, and what not.</summary>
/// <param name="Used">Tensors of the networks.</param>
/// <param name="Numbers">Numbers in them.</param>
/// <param name="Unused">Tensors that published files of the method have and the heatmap does not need.</param>
/// <param name="Extra">Tensors that nobody expected; ignored on request.</param>
/// <param name="Missing">Tensors that stand at the value they have before training; on request.</param>
internal sealed record WeightReport(int Used, long Numbers, int Unused, IReadOnlyList<string> Extra, IReadOnlyList<string> Missing);

/// <summary>
/// A checkpoint as the weights of one method: all tensors that the method needs are there with their shapes, which is checked before any number is
/// read. Numbers are read when a layer asks for them, so that one layer at a time is in memory.
/// </summary>
internal sealed class CheckpointWeights : IReadOnlyDictionary<string, WeightTensor>
{
    private const int Shown = 10;

    private readonly CheckpointSet _checkpoint;
    private readonly Dictionary<string, WeightKey> _keys;

    /// <summary>Holds a checkpoint against a method.</summary>
    /// <param name="checkpoint">The checkpoint, in one file or several.</param>
    /// <param name="method">The method.</param>
    /// <param name="allowExtra">Whether tensors that nobody expects are ignored.</param>
    /// <param name="allowMissing">Whether missing statistics of a batch normalisation stay as before training.</param>
    /// <exception cref="ImportException">Tensors are missing, unexpected or misshapen: all of them are counted, ten named.</exception>
    public CheckpointWeights(CheckpointSet checkpoint, ImportMethod method, bool allowExtra, bool allowMissing)
    {
        _checkpoint = checkpoint;
        var tensors = checkpoint.Tensors;
        var projections = method.Projections?.Keys ?? [];
        var projects = projections.All(k => tensors.TryGetValue(k.Name, out var t) && t.Shape.SequenceEqual(k.Shape));
        IReadOnlyList<WeightKey> wanted = projects ? [.. method.Required, .. projections] : method.Required;
        _keys = wanted.ToDictionary(k => k.Name);
        var missing = method.Required.Where(k => !tensors.ContainsKey(k.Name)).ToList();
        var misshapen = method.Required.Where(k => tensors.TryGetValue(k.Name, out var t) && !t.Shape.SequenceEqual(k.Shape)).ToList();
        var others = tensors.Keys.Where(n => !_keys.ContainsKey(n) && !n.EndsWith(".num_batches_tracked", StringComparison.Ordinal)).ToList();
        var extra = others.Where(n => !method.Unused.Any(u => n.StartsWith(u, StringComparison.Ordinal))).ToList();

        List<string> wrong = [];
        Add(wrong, "missing", [.. missing.Where(k => !allowMissing || k.Initial is null).Select(k => k.Name)],
            missing.Exists(k => k.Initial is not null) && !allowMissing ? "--allow-missing sets what belongs to a batch normalisation as before training" : null);
        Add(wrong, "misshapen", [.. misshapen.Select(k => $"{k.Name} [{string.Join(",", tensors[k.Name].Shape)}] instead of [{string.Join(",", k.Shape)}]")], null);
        Add(wrong, "unexpected", allowExtra ? [] : extra, "--allow-extra ignores them");
        if (wrong.Count > 0)
        {
            var head = $"{checkpoint.Path}: not a checkpoint of {method.Id}, whose network has {method.Required.Count} tensors{Other(tensors, method)}";
            throw new ImportException(string.Join('\n', wrong.Prepend(head).Select(CheckpointFile.Printable)));
        }

        Report = new WeightReport(
            wanted.Count - missing.Count,
            wanted.Sum(k => k.Shape.Aggregate(1L, (n, d) => n * d)),
            others.Count - extra.Count,
            extra,
            [.. missing.Select(k => k.Name)]);
    }

    /// <summary>What was taken.</summary>
    public WeightReport Report { get; }

    /// <inheritdoc/>
    public int Count => _keys.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _keys.Keys;

    /// <inheritdoc/>
    public IEnumerable<WeightTensor> Values => Keys.Select(k => this[k]);

    /// <inheritdoc/>
    public WeightTensor this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _keys.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out WeightTensor value)
    {
        value = _keys.TryGetValue(key, out var wanted) ? Read(wanted) : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, WeightTensor>> GetEnumerator() => Keys.Select(k => KeyValuePair.Create(k, this[k])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private WeightTensor Read(WeightKey key)
    {
        var values = new float[key.Shape.Aggregate(1, (n, d) => n * d)];
        if (!_checkpoint.Tensors.TryGetValue(key.Name, out var tensor))
        {
            values.AsSpan().Fill(key.Initial!.Value);
        }
        else
        {
            _checkpoint.Read(tensor, values);
            var bad = Array.FindIndex(values, v => !float.IsFinite(v));
            if (bad >= 0)
            {
                throw new ImportException(
                    $"{_checkpoint.Path}: '{key.Name}' has {values.Count(v => !float.IsFinite(v))} values that are no numbers (the first at {bad}: {values[bad]}): "
                    + "the training diverged or the file is damaged; take an earlier checkpoint");
            }

            if (key.Name.EndsWith(".running_var", StringComparison.Ordinal) && TensorPrimitives.Min<float>(values) < 0)
            {
                throw new ImportException($"{_checkpoint.Path}: '{key.Name}' has a variance below 0: the file is damaged");
            }
        }

        return new WeightTensor([.. key.Shape], values);
    }

    private static void Add(List<string> lines, string what, List<string> names, string? wayOut)
    {
        if (names.Count > 0)
        {
            lines.Add($"{names.Count} {what}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", ..." : "")}{(wayOut is null ? "" : $"; {wayOut}")}");
        }
    }

    /// <summary>The method whose tensors these are, if there is one.</summary>
    private static string Other(IReadOnlyDictionary<string, CheckpointTensor> tensors, ImportMethod method)
    {
        var fits = ImportMethods.Names.Select(id => ImportMethods.ById(id))
            .Where(m => m.Id != method.Id && m.Required.All(k => tensors.TryGetValue(k.Name, out var t) && t.Shape.SequenceEqual(k.Shape)))
            .Select(m => m.Id).ToList();
        return fits.Count == 0 ? "" : $"; these are the tensors of {string.Join(", ", fits)}: try --method {fits[0]}";
    }
}
