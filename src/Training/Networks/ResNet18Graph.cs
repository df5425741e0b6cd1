using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// ResNet-18 without its classifier, as an ONNX graph, batch normalisation folded into the convolutions. The trunk of most methods:
/// stem 7x7, four layers of two basic blocks; torchvision's strides (map of 1/32), or layer 4 without its stride (1/16, LVS and SSLalign).
/// He et al., "Deep Residual Learning for Image Recognition", 2016; names of the weights as in torchvision.
/// </summary>
public static class ResNet18Graph
{
    /// <summary>Adds the trunk to a graph and returns its map [N, 512, h, w], after the last ReLU.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">Name of the input [N, channels, H, W].</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="prefix">What the names begin with, e.g. <c>imgnet.</c>.</param>
    /// <param name="stem">Name of the first convolution: <c>conv1</c>, or <c>conv1_a</c> in LVS's audio trunk.</param>
    /// <param name="lastStride">Stride of layer 4: 2 as in torchvision, 1 for a map twice as fine.</param>
    public static string Add(
        GraphBuilder graph,
        string x,
        IReadOnlyDictionary<string, WeightTensor> weights,
        string prefix,
        string stem = "conv1",
        int lastStride = 2)
    {
        var layers = new Layers(graph, weights, prefix);
        x = graph.Relu(layers.Convolve(x, stem, "bn1", stride: 2, pad: 3));
        x = graph.MaxPool(x, kernel: 3, stride: 2, pad: 1);
        for (var layer = 1; layer <= 4; layer++)
        {
            x = Block(x, $"layer{layer}.0", layer switch { 1 => 1, 4 => lastStride, _ => 2 }, resample: layer > 1);
            x = Block(x, $"layer{layer}.1", 1, resample: false);
        }

        return x;

        string Block(string input, string name, int stride, bool resample)
        {
            var y = graph.Relu(layers.Convolve(input, name + ".conv1", name + ".bn1", stride, pad: 1));
            y = layers.Convolve(y, name + ".conv2", name + ".bn2", 1, pad: 1);
            var identity = resample ? layers.Convolve(input, name + ".downsample.0", name + ".downsample.1", stride, pad: 0) : input;
            return graph.Relu(graph.Add(y, identity));
        }
    }

    /// <summary>The names of torchvision's ResNet-18 without its classifier.</summary>
    /// <param name="prefix">What stands before them, e.g. <c>imgnet.</c>.</param>
    /// <param name="stem">Name of the first convolution.</param>
    /// <param name="channels">Channels of its input: 3 of a picture, 1 of a spectrogram, 2 of an optical flow.</param>
    /// <param name="width">Channels of the first layer; 64 in all published networks.</param>
    public static IEnumerable<WeightKey> Keys(string prefix, string stem, int channels, int width)
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

        void Convolution(string conv, string norm, int to, int from, int kernel) =>
            keys.AddRange(WeightKey.Convolution(prefix + conv, prefix + norm, to, from, kernel, kernel));
    }
}
