using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// The layers that all networks here are made of, from weights by name to ONNX. A batch normalisation is folded into the convolution before it:
/// w' = w g, b' = beta + (b - mean) g, g = gamma / sqrt(var + epsilon).
/// </summary>
/// <param name="graph">Where they are written.</param>
/// <param name="weights">The network's weights.</param>
/// <param name="prefix">What the names begin with, e.g. <c>imgnet.</c>.</param>
/// <param name="epsilon">The batch normalisations' epsilon.</param>
public sealed class Layers(GraphBuilder graph, IReadOnlyDictionary<string, WeightTensor> weights, string prefix, double epsilon = 1e-5)
{
    /// <summary>Convolution with square stride and padding, and the normalisation after it.</summary>
    /// <param name="x">Input.</param>
    /// <param name="conv">Name of the convolution.</param>
    /// <param name="norm">Name of the normalisation.</param>
    /// <param name="stride">In both directions.</param>
    /// <param name="pad">On all sides.</param>
    /// <param name="groups">Groups of channels.</param>
    public string Convolve(string x, string conv, string norm, int stride, int pad, int groups = 1)
    {
        var (weight, bias) = Fold(conv, norm);
        return groups == 1
            ? graph.Conv(x, prefix + conv, weight, bias, stride, pad)
            : graph.Conv(x, prefix + conv, weight, bias, (stride, stride), (pad, pad), groups);
    }

    /// <summary>Convolution with its own bias.</summary>
    public string Biased(string x, string conv, int pad = 0) =>
        graph.Conv(x, prefix + conv, Kernel(conv), Get(conv + ".bias", -1).Values, 1, pad);

    /// <summary>Linear layer over [N, in].</summary>
    public string Linear(string x, string layer) =>
        graph.Gemm(x, prefix + layer, Get(layer + ".weight", -1, -1), Get(layer + ".bias", -1).Values);

    /// <summary>A batch normalisation that no convolution can take in.</summary>
    public string Normalise(string x, string norm)
    {
        var (gain, shift) = Affine(norm);
        return graph.Add(
            graph.Multiply(x, prefix + norm + ".gain", [.. gain.Select(g => (float)g)]), prefix + norm + ".shift", [.. shift.Select(s => (float)s)]);
    }

    /// <summary>The kernel of a convolution.</summary>
    public WeightTensor Kernel(string conv) => Get(conv + ".weight", -1, -1, -1, -1);

    /// <summary>A tensor by its name.</summary>
    public WeightTensor Get(string name, params int[] shape) => WeightTensor.Get(weights, prefix + name, shape);

    /// <summary>One convolution that does what the convolution and the batch normalisation after it did.</summary>
    public (WeightTensor Weight, float[] Bias) Fold(string conv, string norm)
    {
        var kernel = Kernel(conv);
        var channels = kernel.Shape[0];
        var (gain, shift) = Affine(norm, channels);
        var own = weights.ContainsKey(prefix + conv + ".bias") ? Get(conv + ".bias", channels).Values : null;
        var folded = new float[kernel.Values.Length];
        var bias = new float[channels];
        var each = folded.Length / channels;
        for (var c = 0; c < channels; c++)
        {
            bias[c] = (float)(shift[c] + (own is null ? 0 : own[c] * gain[c]));
            for (var i = c * each; i < (c + 1) * each; i++)
            {
                folded[i] = (float)(kernel.Values[i] * gain[c]);
            }
        }

        return (kernel with { Values = folded }, bias);
    }

    private (double[] Gain, double[] Shift) Affine(string norm, int channels = -1)
    {
        var gamma = Get(norm + ".weight", channels).Values;
        var beta = Get(norm + ".bias", gamma.Length).Values;
        var mean = Get(norm + ".running_mean", gamma.Length).Values;
        var variance = Get(norm + ".running_var", gamma.Length).Values;
        double[] gain = [.. gamma.Select((g, c) => g / Math.Sqrt(variance[c] + epsilon))];
        return (gain, [.. beta.Select((b, c) => b - mean[c] * gain[c])]);
    }
}
