using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// VGG16 up to its last convolution (conv5_3) and without the ReLU after it, torchvision's <c>features[0:29]</c>: a map of 1/16, 512 channels, of
/// either sign. The picture trunk of SSPL (14 x 14 of 224) and of Senocak's attention (20 x 20 of 320). Simonyan and Zisserman, "Very deep
/// convolutional networks for large-scale image recognition", 2015.
/// </summary>
public static class Vgg16Graph
{
    /// <summary>Widths in parts of the first, and 0 for a pooling; each convolution but the last is followed by a ReLU, which has a number, too.</summary>
    internal static readonly int[] Plan = [1, 1, 0, 2, 2, 0, 4, 4, 4, 0, 8, 8, 8, 0, 8, 8, 8];

    /// <summary>Adds the trunk to a graph and returns its map.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">Name of the input [N, 3, H, W].</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="prefix">What stands before the layer's number, e.g. <c>feat_extractor.</c>.</param>
    public static string Add(GraphBuilder graph, string x, IReadOnlyDictionary<string, WeightTensor> weights, string prefix) =>
        Stack(graph, x, weights, prefix, Plan, lastRelu: false);

    /// <summary>Its tensors.</summary>
    /// <param name="prefix">What stands before the layer's number.</param>
    /// <param name="width">Channels of the first layer; 64 in the published network.</param>
    public static IEnumerable<WeightKey> Keys(string prefix, int width = 64) => Keys(prefix, Plan, 3, width);

    /// <summary>3x3 convolutions with bias and ReLU, and poolings of 2x2: the plan of any VGG.</summary>
    internal static string Stack(
        GraphBuilder graph, string x, IReadOnlyDictionary<string, WeightTensor> weights, string prefix, int[] plan, bool lastRelu)
    {
        var layers = new Layers(graph, weights, prefix);
        var number = 0;
        for (var step = 0; step < plan.Length; step++)
        {
            if (plan[step] == 0)
            {
                x = graph.MaxPool(x, kernel: 2, stride: 2, pad: 0);
                number++;
                continue;
            }

            x = layers.Biased(x, $"{number}", pad: 1);
            x = lastRelu || step < plan.Length - 1 ? graph.Relu(x) : x;
            number += 2;
        }

        return x;
    }

    /// <summary>The tensors of a plan.</summary>
    internal static IEnumerable<WeightKey> Keys(string prefix, int[] plan, int channels, int width)
    {
        var number = 0;
        foreach (var step in plan)
        {
            if (step > 0)
            {
                foreach (var key in WeightKey.Biased($"{prefix}{number}", step * width, channels, 3, 3))
                {
                    yield return key;
                }

                channels = step * width;
            }

            number += step > 0 ? 2 : 1;
        }
    }
}
