using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Onnx.Precision;
using RealtimeSsl.Inference.Onnx.Writer;
using static RealtimeSsl.Inference.Onnx.Writer.TensorProto.Types;

namespace RealtimeSsl.Tests.Inference.Onnx.Precision;

/// <summary>Networks in half precision: float32 at both ends, half inside, and float32 where half would lose the numbers.</summary>
public sealed class HalfPrecisionTests
{
    [Fact]
    public void A_network_in_half_precision_gives_nearly_the_same()
    {
        var model = Networks.Residual();
        var half = HalfPrecision.Convert("test.onnx", model, Networks.Watch(model));

        var sample = Networks.Samples(1)[0][0];
        Assert.InRange(Networks.Difference(Networks.Run(model, sample), Networks.Run(half, sample)), 1e-7, 5e-3);
        Assert.All(Networks.Open(half).Graph.Initializer, t => Assert.Equal((int)DataType.Float16, t.DataType));
        Assert.True(half.Length < 0.7 * model.Length);
    }

    [Fact]
    public void A_norm_stays_in_float32_so_that_small_maps_are_not_lost()
    {
        // 1e-4 is little for half, its square is nothing.
        var model = Networks.Residual((g, x) => g.Normalise(g.Conv(x, "small", new WeightTensor([2, 8, 1, 1], [.. Enumerable.Repeat(1e-5f, 8), .. Enumerable.Repeat(-2e-5f, 8)]), null)));
        var half = HalfPrecision.Convert("test.onnx", model, Networks.Watch(model));

        var sample = Networks.Samples(1)[0][0];
        Assert.InRange(Networks.Difference(Networks.Run(model, sample), Networks.Run(half, sample)), 0, 0.02);
    }

    [Fact]
    public void A_layer_whose_results_half_cannot_hold_stays_in_float32()
    {
        var model = Networks.Residual((g, x) => g.Conv(x, "large", new WeightTensor([1, 8, 1, 1], [.. Enumerable.Repeat(1e5f, 8)]), null));
        var half = HalfPrecision.Convert("test.onnx", model, Networks.Watch(model));

        var sample = Networks.Samples(1)[0][0];
        Assert.InRange(Networks.Difference(Networks.Run(model, sample), Networks.Run(half, sample)), 0, 0.02);
        Assert.Single(Networks.Open(half).Graph.Initializer, t => t.DataType == (int)DataType.Float && t.Name == "large.weight");
    }

    [Fact]
    public void A_network_without_layers_is_refused()
    {
        var graph = new GraphBuilder("none");
        graph.Output(graph.Relu(graph.Input("x", Networks.Input.Shape)), "y");
        var model = graph.ToBytes();
        Assert.Throws<InferenceException>(() => HalfPrecision.Convert("none.onnx", model, Networks.Watch(model)));
    }
}
