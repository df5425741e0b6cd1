namespace RealtimeSsl.Training.Import.Methods;

/// <summary>A tensor that a network needs.</summary>
/// <param name="Name">Its name in the checkpoint, prefixes taken off.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Initial">
/// The value that all its numbers have before training, if they have one: only such a tensor can stand in for a missing one. Null for weights that begin at
/// random.
/// </param>
public sealed record WeightKey(string Name, IReadOnlyList<int> Shape, float? Initial = null)
{
    /// <summary>The names of torchvision's ResNet-18 without its classifier.</summary>
    /// <param name="prefix">What stands before them, e.g. <c>imgnet.</c>.</param>
    /// <param name="stem">Name of the first convolution.</param>
    /// <param name="channels">Channels of its input.</param>
    /// <param name="width">Channels of the first layer; 64 in all published networks.</param>
    public static IEnumerable<WeightKey> ResNet18(string prefix, string stem, int channels, int width)
    {
        var keys = new List<WeightKey>();
        Convolution(stem, "bn1", width, channels, 7);
        for (var layer = 1; layer <= 4; layer++)
        {
            var (output, input) = (width << (layer - 1), width << Math.Max(0, layer - 2));
            for (var block = 0; block < 2; block++)
            {
                var name = $"layer{layer}.{block}.";
                Convolution(name + "conv1", name + "bn1", output, block == 0 ? input : output, 3);
                Convolution(name + "conv2", name + "bn2", output, output, 3);
                if (layer > 1 && block == 0)
                {
                    Convolution(name + "downsample.0", name + "downsample.1", output, input, 1);
                }
            }
        }

        return keys;

        void Convolution(string conv, string norm, int to, int from, int kernel)
        {
            keys.Add(new WeightKey($"{prefix}{conv}.weight", [to, from, kernel, kernel]));
            keys.Add(new WeightKey($"{prefix}{norm}.weight", [to], 1));
            keys.Add(new WeightKey($"{prefix}{norm}.bias", [to], 0));
            keys.Add(new WeightKey($"{prefix}{norm}.running_mean", [to], 0));
            keys.Add(new WeightKey($"{prefix}{norm}.running_var", [to], 1));
        }
    }

    /// <summary>A 1x1 convolution (picture) or linear layer (sound) with bias.</summary>
    public static IEnumerable<WeightKey> Projection(string name, int channels, bool overPicture) =>
        [new(name + ".weight", overPicture ? [channels, channels, 1, 1] : [channels, channels]), new(name + ".bias", [channels])];
}
