using System.Collections;
using System.Diagnostics.CodeAnalysis;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Export;

/// <summary>A network's state as the weights of an import method; each is read when a layer asks for it, from whatever device it lies on.</summary>
internal sealed class StateWeights : IReadOnlyDictionary<string, WeightTensor>
{
    private readonly Dictionary<string, Tensor> _state;
    private readonly Dictionary<string, WeightKey> _keys;

    /// <summary>Holds a state against a method.</summary>
    /// <exception cref="ImportException">Tensors are missing or misshapen.</exception>
    public StateWeights(nn.Module network, ImportMethod method)
    {
        (_state, _keys) = (network.state_dict(), method.Required.ToDictionary(k => k.Name));
        var wrong = method.Required.Where(k => !_state.TryGetValue(k.Name, out var t) || !t.shape.SequenceEqual(k.Shape.Select(d => (long)d))).ToList();
        if (wrong.Count > 0)
        {
            throw new ImportException(
                $"the trained network has not the tensors of {method.Id}: {wrong.Count} are missing or misshapen, the first {wrong[0].Name} [{string.Join(",", wrong[0].Shape)}]");
        }
    }

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
        using var scope = NewDisposeScope();
        var values = _state[key.Name].detach().to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        return values.All(float.IsFinite)
            ? new WeightTensor([.. key.Shape], values)
            : throw new ImportException($"'{key.Name}' has values that are no numbers: the training diverged; take an earlier checkpoint, or a lower learning rate");
    }
}
