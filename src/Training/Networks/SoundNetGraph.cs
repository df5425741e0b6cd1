using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// SoundNet-8's object branch (Aytar et al., "SoundNet: learning sound representations from unlabeled video", 2016), from samples to 1000 scores per
/// 1.5 s. Names as in its usual PyTorch conversion: <c>conv1..7</c> with <c>batchnorm1..7</c>, <c>conv8_objs</c>. Time runs across, which a CPU's
/// convolutions prefer; the checkpoint has it down.
/// </summary>
public static class SoundNetGraph
{
    /// <summary>SoundNet reads samples of -256..256.</summary>
    public const float FullScale = 256;

    /// <summary>Kernel, channels in parts of the first, pooling.</summary>
    internal static readonly (int Kernel, int Width, int Pool)[] Plan = [(64, 1, 8), (32, 2, 8), (16, 4, 1), (8, 8, 1), (4, 16, 4), (4, 32, 1), (4, 64, 1)];

    /// <summary>Adds the network and returns its scores [1, 1000, 1, times], before any softmax.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="samples">[1, 1, 1, count] at 22.05 kHz, full scale = <see cref="FullScale"/>; 10 s give one time.</param>
    /// <param name="weights">The network's weights.</param>
    public static string Add(GraphBuilder graph, string samples, IReadOnlyDictionary<string, WeightTensor> weights)
    {
        var layers = new Layers(graph, weights, "");
        var x = samples;
        for (var i = 0; i < Plan.Length; i++)
        {
            var (weight, bias) = layers.Fold($"conv{i + 1}", $"batchnorm{i + 1}");
            x = graph.Relu(graph.Conv(x, $"conv{i + 1}", Across(weight), bias, (1, 2), (0, Plan[i].Kernel / 2)));
            x = Plan[i].Pool > 1 ? graph.MaxPool(x, (1, Plan[i].Pool)) : x;
        }

        return graph.Conv(x, "conv8_objs", Across(layers.Kernel("conv8_objs")), layers.Get("conv8_objs.bias", -1).Values, (1, 2), (0, 0));
    }

    /// <summary>Its tensors.</summary>
    /// <param name="width">Channels of the first layer; 16 in the published network.</param>
    /// <param name="objects">Object classes.</param>
    public static IEnumerable<WeightKey> Keys(int width = 16, int objects = 1000)
    {
        var channels = 1;
        for (var i = 0; i < Plan.Length; i++)
        {
            var to = Plan[i].Width * width;
            yield return new WeightKey($"conv{i + 1}.bias", [to]);
            foreach (var key in WeightKey.Convolution($"conv{i + 1}", $"batchnorm{i + 1}", to, channels, Plan[i].Kernel, 1))
            {
                yield return key;
            }

            channels = to;
        }

        foreach (var key in WeightKey.Biased("conv8_objs", objects, channels, 8, 1))
        {
            yield return key;
        }
    }

    private static WeightTensor Across(WeightTensor kernel) => kernel with { Shape = [kernel.Shape[0], kernel.Shape[1], 1, kernel.Shape[2]] };
}
