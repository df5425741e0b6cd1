using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// HearTheFlow's cross attention (Fedorishin et al., WACV 2023): where the picture asks and the motion answers. Over the positions p, q of two maps:
/// out(p) = picture(p) + sum_q softmax_q(Q(p) K(q) / sqrt(c)) V(q), with Q and V 1x1 convolutions of the picture's map, K of the flow's, c the channels of Q.
/// </summary>
public static class CrossAttentionGraph
{
    /// <summary>Adds it and returns the attended map, shaped as the picture's.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="picture">[1, C, rows, cols].</param>
    /// <param name="flow">[1, C, rows, cols].</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="prefix">What the names begin with: <c>flowatt.</c>.</param>
    /// <param name="rows">Rows of both maps.</param>
    /// <param name="cols">Columns of both maps.</param>
    public static string Add(
        GraphBuilder graph, string picture, string flow, IReadOnlyDictionary<string, WeightTensor> weights, string prefix, int rows, int cols)
    {
        var layers = new Layers(graph, weights, prefix);
        var kernel = layers.Kernel("query_conv");
        var (inner, channels, cells) = (kernel.Shape[0], kernel.Shape[1], rows * cols);
        var query = graph.Transpose(graph.Reshape(layers.Biased(picture, "query_conv"), 1, inner, cells), 0, 2, 1);
        var key = graph.Reshape(layers.Biased(flow, "key_conv"), 1, inner, cells);
        var value = graph.Reshape(layers.Biased(picture, "value_conv"), 1, channels, cells);
        var attention = graph.Softmax(graph.Multiply(graph.MatMul(query, key), (float)(1 / Math.Sqrt(inner))));
        var attended = graph.MatMul(value, graph.Transpose(attention, 0, 2, 1));
        return graph.Add(picture, graph.Reshape(attended, 1, channels, rows, cols));
    }

    /// <summary>Its tensors.</summary>
    /// <param name="prefix">What the names begin with.</param>
    /// <param name="channels">Channels of both maps; Q and K have an eighth.</param>
    public static IEnumerable<WeightKey> Keys(string prefix, int channels) =>
    [
        .. WeightKey.Biased(prefix + "query_conv", channels / 8, channels, 1, 1), .. WeightKey.Biased(prefix + "key_conv", channels / 8, channels, 1, 1),
        .. WeightKey.Biased(prefix + "value_conv", channels, channels, 1, 1),
    ];
}
