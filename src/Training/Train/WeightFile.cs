using RealtimeSsl.Training.Import;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>
/// A network's trainable weights as safetensors: an exported network has its normalisations folded away and cannot be trained on. Kept in each package
/// that training makes, and in imported ones on request, as <see cref="Name"/>, so that <c>--from</c> can go on from it.
/// </summary>
public static class WeightFile
{
    /// <summary>Its name in a package.</summary>
    public const string Name = "weights.safetensors";

    /// <summary>The file's bytes: floats as F32, counters as I64.</summary>
    /// <param name="state">Tensors by name.</param>
    public static byte[] ToBytes(IReadOnlyDictionary<string, Tensor> state)
    {
        using var scope = NewDisposeScope();
        var tensors = state.OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => (s.Key, Value: s.Value.detach().cpu().to(s.Value.is_floating_point() ? ScalarType.Float32 : ScalarType.Int64).contiguous())).ToList();
        return Safetensors.ToBytes([.. tensors.Select(t => new SafetensorsEntry(
            t.Key, t.Value.is_floating_point() ? "F32" : "I64", t.Value.shape, t.Value.numel() * t.Value.element_size(), bytes => t.Value.bytes.CopyTo(bytes)))]);
    }

    /// <summary>Reads weights of any checkpoint into a network, by name. What the network has and the file lacks stays as it is.</summary>
    /// <param name="path">A package's <see cref="Name"/>, or a published checkpoint.</param>
    /// <param name="network">The network.</param>
    /// <returns>Tensors that were read, and the names of those that stayed as they were.</returns>
    /// <exception cref="TrainingException">Nothing in it fits, or a tensor has another shape.</exception>
    public static (int Read, IReadOnlyList<string> Missing) Load(string path, nn.Module network)
    {
        using var checkpoint = Checkpoint.Open(path);
        using var ungraded = no_grad();
        List<string> missing = [];
        var read = 0;
        foreach (var (name, own) in network.state_dict())
        {
            if (!checkpoint.Tensors.TryGetValue(name, out var found))
            {
                missing.Add(name);
                continue;
            }

            if (!own.shape.SequenceEqual(found.Shape.Select(s => (long)s)))
            {
                throw new TrainingException(
                    $"{path}: '{name}' is [{string.Join(",", found.Shape)}], this network's is [{string.Join(",", own.shape)}]: it was trained with another trunk or method");
            }

            var values = new float[found.Count];
            checkpoint.Read(found, values);
            using var loaded = tensor(values, own.shape);
            own.copy_(loaded);
            read++;
        }

        return read > 0 ? (read, missing)
            : throw new TrainingException($"{path}: none of its {checkpoint.Tensors.Count} tensors belongs to this network; is it of another method?");
    }
}
