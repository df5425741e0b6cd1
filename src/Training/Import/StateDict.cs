using System.Globalization;
using RealtimeSsl.Training.Import.Pickle;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// Finds a network's weights in what was saved. Training scripts save them bare, or in a dictionary beside optimizer and epoch, under one of a few
/// names; data-parallel training puts <c>module.</c> before every name, Lightning <c>model.</c>.
/// </summary>
internal static class StateDict
{
    private static readonly string[] Containers = ["model_state_dict", "state_dict", "model"];
    private static readonly string[] Prefixes = ["module.", "model."];
    private static readonly string[] Known = ["epoch", "iteration", "best_cIoU", "best_Auc", "best_miou"];

    /// <summary>The weights, and the key under which they were.</summary>
    /// <exception cref="ImportException">There are none.</exception>
    public static (string? Container, IReadOnlyDictionary<string, CheckpointTensor> Tensors) Find(object? root, CheckpointFile file)
    {
        if (root is not PickleDict all)
        {
            throw file.Refuse($"it holds {Describe(root)}, not a dictionary of weights; in PyTorch: torch.save(model.state_dict(), NEW)");
        }

        var container = Containers.FirstOrDefault(c => all[c] is PickleDict inner && HasTensors(inner));
        var dict = container is null ? all : (PickleDict)all[container]!;
        return HasTensors(dict)
            ? (container, Named(dict, file))
            : throw file.Refuse(
                $"there are no weights in it under {string.Join(", ", Containers)} or at the top; its keys are "
                + $"{string.Join(", ", all.Items.Take(10).Select(i => i.Key as string ?? Describe(i.Key)))}{(all.Items.Count > 10 ? ", ..." : "")}");
    }

    /// <summary>What the file says of its training, as far as it is known what it means.</summary>
    public static IReadOnlyList<(string Name, string Value)> Facts(object? root) => root is not PickleDict all
        ? []
        : [.. Known.Select(name => (name, all[name])).Where(f => f.Item2 is long or double)
            .Select(f => (f.name, string.Create(CultureInfo.InvariantCulture, $"{f.Item2:g6}")))];

    private static bool HasTensors(PickleDict dict) => dict.Items.Exists(i => i.Value is CheckpointTensor);

    private static Dictionary<string, CheckpointTensor> Named(PickleDict dict, CheckpointFile file)
    {
        var tensors = new Dictionary<string, CheckpointTensor>();
        foreach (var (key, value) in dict.Items)
        {
            if (key is not string full || value is not CheckpointTensor tensor)
            {
                continue;
            }

            var name = full;
            while (Array.Find(Prefixes, p => name.StartsWith(p, StringComparison.Ordinal)) is { } prefix)
            {
                name = name[prefix.Length..];
            }

            if (!tensors.TryAdd(name, tensor))
            {
                throw file.Refuse($"'{full}' and another tensor are both '{name}' without {string.Join(", ", Prefixes)}: which one counts is not known");
            }
        }

        return tensors;
    }

    private static string Describe(object? value) => value switch
    {
        null => "None",
        CheckpointTensor => "a single tensor",
        PickleList or PickleTuple => "a list",
        PickleOpaque opaque => opaque.What,
        _ => value.ToString() ?? "",
    };
}
