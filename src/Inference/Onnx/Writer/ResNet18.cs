namespace RealtimeSsl.Inference.Onnx.Writer;

/// <summary>
/// ResNet-18 without its classifier, as an ONNX graph, batch normalisation folded into the convolutions. The trunk of most methods:
/// stem 7x7, four layers of two basic blocks; torchvision's strides (map of 1/32), or layer 4 without its stride (1/16, LVS and SSLalign).
/// He et al., "Deep Residual Learning for Image Recognition", 2016; names of the weights as in torchvision.
/// </summary>
public static class ResNet18
{
    /// <summary>Channels of the map.</summary>
    public const int Channels = 512;

    private const double Epsilon = 1e-5;

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
        x = graph.Relu(Convolve(x, stem, "bn1", stride: 2, pad: 3));
        x = graph.MaxPool(x, kernel: 3, stride: 2, pad: 1);
        for (var layer = 1; layer <= 4; layer++)
        {
            x = Block(x, $"layer{layer}.0", layer switch { 1 => 1, 4 => lastStride, _ => 2 }, resample: layer > 1);
            x = Block(x, $"layer{layer}.1", 1, resample: false);
        }

        return x;

        string Block(string input, string name, int stride, bool resample)
        {
            var y = graph.Relu(Convolve(input, name + ".conv1", name + ".bn1", stride, pad: 1));
            y = Convolve(y, name + ".conv2", name + ".bn2", 1, pad: 1);
            var identity = resample ? Convolve(input, name + ".downsample.0", name + ".downsample.1", stride, pad: 0) : input;
            return graph.Relu(graph.Add(y, identity));
        }

        string Convolve(string input, string conv, string norm, int stride, int pad)
        {
            var (weight, bias) = Fold(weights, prefix + conv, prefix + norm);
            return graph.Conv(input, prefix + conv, weight, bias, stride, pad);
        }
    }

    /// <summary>
    /// One convolution that does what the convolution and the batch normalisation after it did: w' = w g, b' = beta - mean g, g = gamma /
    /// sqrt(var + 1e-5).
    /// </summary>
    private static (WeightTensor Weight, float[] Bias) Fold(IReadOnlyDictionary<string, WeightTensor> weights, string conv, string norm)
    {
        var kernel = WeightTensor.Get(weights, conv + ".weight", -1, -1, -1, -1);
        var channels = kernel.Shape[0];
        var gamma = WeightTensor.Get(weights, norm + ".weight", channels).Values;
        var beta = WeightTensor.Get(weights, norm + ".bias", channels).Values;
        var mean = WeightTensor.Get(weights, norm + ".running_mean", channels).Values;
        var variance = WeightTensor.Get(weights, norm + ".running_var", channels).Values;

        var folded = new float[kernel.Values.Length];
        var bias = new float[channels];
        var each = folded.Length / channels;
        for (var c = 0; c < channels; c++)
        {
            var gain = gamma[c] / Math.Sqrt(variance[c] + Epsilon);
            bias[c] = (float)(beta[c] - mean[c] * gain);
            for (var i = c * each; i < (c + 1) * each; i++)
            {
                folded[i] = (float)(kernel.Values[i] * gain);
            }
        }

        return (kernel with { Values = folded }, bias);
    }
}
