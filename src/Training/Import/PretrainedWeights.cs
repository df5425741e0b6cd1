using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Import;

/// <summary>What came of a checkpoint in a network.</summary>
/// <param name="Loaded">Names of the network's tensors that were set.</param>
/// <param name="Left">Names of those that keep what they had.</param>
/// <param name="Unused">Tensors of the file that the network has not, or has in another shape.</param>
public sealed record LoadedWeights(IReadOnlyList<string> Loaded, IReadOnlyList<string> Left, IReadOnlyList<string> Unused);

/// <summary>Fills a network that is to be trained with a checkpoint's weights, by their names: a published method's, or a trunk trained elsewhere.</summary>
public static class PretrainedWeights
{
    /// <summary>Loads them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="files">A checkpoint in any of the layouts that <see cref="Checkpoint"/> reads, in one file or several.</param>
    /// <param name="prefix">Put before the file's names, e.g. <c>imgnet.</c> for torchvision's ImageNet ResNet-18.</param>
    /// <exception cref="ImportException">A file cannot be read, or nothing in it belongs to this network.</exception>
    public static LoadedWeights Load(nn.Module network, IReadOnlyList<string> files, string prefix = "")
    {
        using var checkpoint = CheckpointSet.Open(files);
        using var ungraded = no_grad();
        using var scope = NewDisposeScope();
        var state = network.state_dict();
        var (loaded, unused) = (new List<string>(), new List<string>());
        foreach (var (name, stored) in checkpoint.Tensors)
        {
            var full = prefix + name;
            if (!state.TryGetValue(full, out var own) || !own.shape.SequenceEqual(stored.Shape.Select(d => (long)d)))
            {
                unused.Add(name);
                continue;
            }

            var values = new float[stored.Count];
            checkpoint.Read(stored, values);
            own.copy_(tensor(values, own.shape));
            loaded.Add(full);
        }

        return loaded.Count > 0
            ? new LoadedWeights(loaded, [.. state.Keys.Except(loaded)], unused)
            : throw new ImportException(
                $"{checkpoint.Path}: none of its {checkpoint.Tensors.Count} tensors belongs to the network, which has {string.Join(", ", state.Keys.Take(3))}, ...; is it of another method?");
    }
}
