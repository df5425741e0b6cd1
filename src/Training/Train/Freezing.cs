using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>
/// Which parts of a network stay as they are: neither their weights nor the statistics of their normalisations move. Parts are known by the names
/// that the methods' checkpoints give them.
/// </summary>
public static class Freezing
{
    private static readonly string[] Image = ["imgnet", "image", "img_", "vision"];
    private static readonly string[] Audio = ["audnet", "audio", "aud_", "sound"];

    /// <summary>Freezes; returns the parts.</summary>
    /// <param name="network">The network.</param>
    /// <param name="kind">What is to stay.</param>
    /// <exception cref="TrainingException">The network has no such part.</exception>
    public static IReadOnlyList<string> Apply(nn.Module network, FreezeKind kind)
    {
        if (kind == FreezeKind.None)
        {
            return [];
        }

        var parts = network.named_children().Where(c => IsTrunk(c.module) && (kind switch
        {
            FreezeKind.Image => Begins(c.name, Image),
            FreezeKind.Audio => Begins(c.name, Audio),
            _ => true,
        })).ToList();
        foreach (var (_, module) in parts)
        {
            foreach (var parameter in module.parameters())
            {
                parameter.requires_grad = false;
            }
        }

        return parts.Count > 0 ? [.. parts.Select(p => p.name)]
            : throw new TrainingException(
                $"tuning.freeze = {kind}: the network has no such part; its parts are {string.Join(", ", network.named_children().Select(c => c.name))}");
    }

    /// <summary>Frozen parts hear nothing of training mode: their normalisations keep their statistics.</summary>
    public static void Train(nn.Module network, IReadOnlyList<string> frozen)
    {
        network.train();
        foreach (var (name, module) in network.named_children())
        {
            if (frozen.Contains(name))
            {
                module.eval();
            }
        }
    }

    /// <summary>Trunks have layers of their own; projections are one layer.</summary>
    private static bool IsTrunk(nn.Module module) => module.modules().OfType<Conv2d>().Skip(1).Any();

    private static bool Begins(string name, string[] with) => with.Any(w => name.StartsWith(w, StringComparison.Ordinal));
}
