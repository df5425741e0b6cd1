using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Training.Networks;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Inference.Onnx;

/// <summary>What the writer writes, ONNX Runtime runs; each operator against numbers worked out by hand.</summary>
public sealed class GraphBuilderTests
{
    [Fact]
    public void A_convolution_strides_pads_and_adds_its_bias()
    {
        var kernel = new WeightTensor([1, 1, 3, 3], [0, 0, 0, 0, 1, 2, 0, 0, 0]);
        float[] expected = [1 + 4 + 10, 3 + 10, 7 + 16 + 10, 9 + 10];

        Assert.Equal(expected, Run([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 2, 2], (g, x) => g.Conv(x, "c", kernel, [10], stride: 2, pad: 1)));
    }

    [Fact]
    public void A_linear_layer_multiplies_by_its_transposed_weight() =>
        Assert.Equal(
            [1 * 1 + 2 * 2 + 0.5f, 1 * 3 + 2 * 4 - 1f],
            Run([1, 2], [1, 2], [1, 2], (g, x) => g.Gemm(x, "fc", new WeightTensor([2, 2], [1, 2, 3, 4]), [0.5f, -1])));

    [Fact]
    public void Padding_never_wins_a_maximum() =>
        Assert.Equal([-1, -2, -3, -4], Run([1, 1, 2, 2], [-1, -2, -3, -4], [1, 1, 2, 2], (g, x) => g.MaxPool(x, kernel: 1, stride: 1, pad: 0)));

    [Fact]
    public void Global_pools_give_one_value_per_channel()
    {
        float[] values = [1, 2, 3, 6, -1, -2, -3, -6];
        Assert.Equal([6, -1], Run([1, 2, 2, 2], values, [1, 2], (g, x) => g.GlobalMaxPool(x)));
        Assert.Equal([3, -3], Run([1, 2, 2, 2], values, [1, 2], (g, x) => g.GlobalAveragePool(x)));
    }

    [Fact]
    public void Rectifying_adding_and_joining_channels() =>
        Assert.Equal([0, 2, 0, 4], Run([1, 2], [-1, 2], [1, 4], (g, x) => g.Concat(g.Relu(x), g.Add(g.Relu(x), g.Relu(x)))));

    [Fact]
    public void Normalising_makes_channels_unit_length_and_leaves_zeros_alone() =>
        Assert.Equal([0.6f, 0, 0.8f, 0], Run([1, 2, 1, 2], [3, 0, 4, 0], [1, 2, 1, 2], (g, x) => g.Normalise(x)));

    [Fact]
    public void A_missing_weight_is_named()
    {
        var e = Assert.Throws<RealtimeSsl.Inference.InferenceException>(
            () => ResNet18Graph.Add(new GraphBuilder("g"), "x", new Dictionary<string, WeightTensor>(), "imgnet."));
        Assert.Contains("'imgnet.conv1.weight' is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_of_another_shape_is_named_with_both_shapes()
    {
        var weights = new Dictionary<string, WeightTensor> { ["w"] = new([2, 3], new float[6]) };
        var e = Assert.Throws<RealtimeSsl.Inference.InferenceException>(() => WeightTensor.Get(weights, "w", 3, 2));
        Assert.Contains("'w' is [2,3] with 6 values, expected [3,2]", e.Message, StringComparison.Ordinal);
    }

    private static float[] Run(int[] shape, float[] input, int[] output, Func<GraphBuilder, string, string> layer)
    {
        var graph = new GraphBuilder("test");
        graph.Output(layer(graph, graph.Input("x", shape)), "y", output);
        using var trunk = new OnnxTrunk("test.onnx", graph.ToBytes(), new DeviceChoice("cpu", "cpu", null), 1, new TrunkInput("the input", shape));
        input.CopyTo(trunk.Input());
        trunk.Run();
        Assert.Equal(output, trunk.OutputShapes[0].Select(d => (int)d));
        return trunk.Output().ToArray();
    }
}
