using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// MobileNetV3-Small without its classifier (Howard et al., "Searching for MobileNetV3", ICCV 2019), names as in torchvision: a map of 1/32 with 576
/// channels, or of 1/16 when the last stride is left out. About 0.06 G multiply-adds at 224 x 224, a thirtieth of ResNet-18's.
/// </summary>
public static class MobileNetV3SmallGraph
{
    /// <summary>Channels of the map.</summary>
    public const int Channels = 576;

    internal const double Epsilon = 1e-3;

    internal static readonly Block[] Plan =
    [
        new(16, 3, 16, 16, true, false, 2), new(16, 3, 72, 24, false, false, 2), new(24, 3, 88, 24, false, false, 1), new(24, 5, 96, 40, true, true, 2),
        new(40, 5, 240, 40, true, true, 1), new(40, 5, 240, 40, true, true, 1), new(40, 5, 120, 48, true, true, 1), new(48, 5, 144, 48, true, true, 1),
        new(48, 5, 288, 96, true, true, 2), new(96, 5, 576, 96, true, true, 1), new(96, 5, 576, 96, true, true, 1),
    ];

    /// <summary>Adds the trunk and returns its map.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">Name of the input [N, channels, H, W].</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="prefix">What the names begin with, e.g. <c>imgnet.</c>.</param>
    /// <param name="lastStride">Stride of the last down-sampling block: 2 as in torchvision, 1 for a map twice as fine.</param>
    public static string Add(GraphBuilder graph, string x, IReadOnlyDictionary<string, WeightTensor> weights, string prefix, int lastStride = 2)
    {
        var layers = new Layers(graph, weights, prefix + "features.", Epsilon);
        x = graph.HardSwish(layers.Convolve(x, "0.0", "0.1", stride: 2, pad: 1));
        for (var i = 0; i < Plan.Length; i++)
        {
            var (block, name, y, at) = (Plan[i], $"{i + 1}.block.", x, 0);
            if (block.Inner != block.From)
            {
                y = Activate(layers.Convolve(y, $"{name}{at}.0", $"{name}{at}.1", 1, 0));
                at++;
            }

            var stride = block is { Stride: 2, To: 96 } ? lastStride : block.Stride;
            y = Activate(layers.Convolve(y, $"{name}{at}.0", $"{name}{at}.1", stride, block.Kernel / 2, groups: block.Inner));
            at++;
            if (block.Gated)
            {
                var gate = graph.Relu(layers.Biased(graph.MeanOverPositions(y), $"{name}{at}.fc1"));
                y = graph.Multiply(y, graph.HardSigmoid(layers.Biased(gate, $"{name}{at}.fc2")));
                at++;
            }

            y = layers.Convolve(y, $"{name}{at}.0", $"{name}{at}.1", 1, 0);
            x = block.Stride == 1 && block.From == block.To ? graph.Add(x, y) : y;

            string Activate(string value) => block.HardSwish ? graph.HardSwish(value) : graph.Relu(value);
        }

        return graph.HardSwish(layers.Convolve(x, "12.0", "12.1", 1, 0));
    }

    /// <summary>Its tensors.</summary>
    /// <param name="prefix">What stands before <c>features.</c>.</param>
    /// <param name="channels">Channels of the input.</param>
    public static IEnumerable<WeightKey> Keys(string prefix, int channels)
    {
        prefix += "features.";
        var keys = new List<WeightKey>(WeightKey.Convolution(prefix + "0.0", prefix + "0.1", 16, channels, 3, 3));
        for (var i = 0; i < Plan.Length; i++)
        {
            var (block, name, at) = (Plan[i], $"{prefix}{i + 1}.block.", 0);
            if (block.Inner != block.From)
            {
                keys.AddRange(WeightKey.Convolution($"{name}{at}.0", $"{name}{at}.1", block.Inner, block.From, 1, 1));
                at++;
            }

            keys.AddRange(WeightKey.Convolution($"{name}{at}.0", $"{name}{at}.1", block.Inner, 1, block.Kernel, block.Kernel));
            at++;
            if (block.Gated)
            {
                keys.AddRange(WeightKey.Biased($"{name}{at}.fc1", block.Squeezed, block.Inner, 1, 1));
                keys.AddRange(WeightKey.Biased($"{name}{at}.fc2", block.Inner, block.Squeezed, 1, 1));
                at++;
            }

            keys.AddRange(WeightKey.Convolution($"{name}{at}.0", $"{name}{at}.1", block.To, block.Inner, 1, 1));
        }

        keys.AddRange(WeightKey.Convolution(prefix + "12.0", prefix + "12.1", Channels, 96, 1, 1));
        return keys;
    }

    internal sealed record Block(int From, int Kernel, int Inner, int To, bool Gated, bool HardSwish, int Stride)
    {
        /// <summary>Channels of the gate: a quarter, to the nearest multiple of 8, and never more than a tenth below.</summary>
        public int Squeezed
        {
            get
            {
                var nearest = Math.Max(8, (Inner / 4 + 4) / 8 * 8);
                return nearest < 0.9 * (Inner / 4) ? nearest + 8 : nearest;
            }
        }
    }
}
