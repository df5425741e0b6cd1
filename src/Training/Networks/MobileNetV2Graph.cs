using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// MobileNetV2 without its classifier (Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018), names as in torchvision: a map
/// of 1/32 with 1280 channels, or of 1/16 when the last stride is left out. About 0.3 G multiply-adds at 224 x 224, a sixth of ResNet-18's.
/// </summary>
public static class MobileNetV2Graph
{
    /// <summary>Channels of the map.</summary>
    public const int Channels = 1280;

    /// <summary>Expansion, channels, blocks, stride of the first.</summary>
    private static readonly (int Expand, int Channels, int Blocks, int Stride)[] Plan =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    /// <summary>Adds the trunk and returns its map.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">Name of the input [N, channels, H, W].</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="prefix">What the names begin with, e.g. <c>imgnet.</c>.</param>
    /// <param name="lastStride">Stride of the last down-sampling block: 2 as in torchvision, 1 for a map twice as fine.</param>
    public static string Add(GraphBuilder graph, string x, IReadOnlyDictionary<string, WeightTensor> weights, string prefix, int lastStride = 2)
    {
        var layers = new Layers(graph, weights, prefix + "features.");
        x = graph.Relu6(layers.Convolve(x, "0.0", "0.1", stride: 2, pad: 1));
        foreach (var block in Blocks())
        {
            var (name, y, at) = ($"{block.Number}.conv.", x, 0);
            if (block.Inner != block.From)
            {
                y = graph.Relu6(layers.Convolve(y, name + "0.0", name + "0.1", 1, 0));
                at = 1;
            }

            var stride = block is { Stride: 2, To: 160 } ? lastStride : block.Stride;
            y = graph.Relu6(layers.Convolve(y, $"{name}{at}.0", $"{name}{at}.1", stride, 1, groups: block.Inner));
            y = layers.Convolve(y, $"{name}{at + 1}", $"{name}{at + 2}", 1, 0);
            x = block.Stride == 1 && block.From == block.To ? graph.Add(x, y) : y;
        }

        return graph.Relu6(layers.Convolve(x, "18.0", "18.1", 1, 0));
    }

    /// <summary>Its tensors.</summary>
    /// <param name="prefix">What stands before <c>features.</c>.</param>
    /// <param name="channels">Channels of the input.</param>
    public static IEnumerable<WeightKey> Keys(string prefix, int channels)
    {
        var keys = new List<WeightKey>(WeightKey.Convolution(prefix + "features.0.0", prefix + "features.0.1", 32, channels, 3, 3));
        foreach (var block in Blocks())
        {
            var (name, at) = ($"{prefix}features.{block.Number}.conv.", 0);
            if (block.Inner != block.From)
            {
                keys.AddRange(WeightKey.Convolution(name + "0.0", name + "0.1", block.Inner, block.From, 1, 1));
                at = 1;
            }

            keys.AddRange(WeightKey.Convolution($"{name}{at}.0", $"{name}{at}.1", block.Inner, 1, 3, 3));
            keys.AddRange(WeightKey.Convolution($"{name}{at + 1}", $"{name}{at + 2}", block.To, block.Inner, 1, 1));
        }

        keys.AddRange(WeightKey.Convolution(prefix + "features.18.0", prefix + "features.18.1", Channels, 320, 1, 1));
        return keys;
    }

    internal static IEnumerable<(int Number, int From, int Inner, int To, int Stride)> Blocks()
    {
        var (number, from) = (1, 32);
        foreach (var (expand, to, blocks, stride) in Plan)
        {
            for (var i = 0; i < blocks; i++)
            {
                yield return (number++, from, from * expand, to, i == 0 ? stride : 1);
                from = to;
            }
        }
    }
}
