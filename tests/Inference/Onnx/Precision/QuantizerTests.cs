using Google.Protobuf;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Onnx.Precision;
using RealtimeSsl.Inference.Onnx.Writer;
using static RealtimeSsl.Inference.Onnx.Writer.TensorProto.Types;

namespace RealtimeSsl.Tests.Inference.Onnx.Precision;

/// <summary>Networks in bytes: near to what they were in float32, in a form that runtimes fuse, and untouched where nothing is known.</summary>
public sealed class QuantizerTests
{
    [Theory]
    [InlineData(RangeRule.MinMax)]
    [InlineData(RangeRule.Percentile)]
    [InlineData(RangeRule.LeastError)]
    public void A_residual_network_in_bytes_gives_nearly_the_same(RangeRule rule)
    {
        var model = Networks.Residual();
        var bytes = Quantizer.Quantize("test.onnx", model, Networks.Watch(model), rule);

        var unseen = Networks.Samples(13)[12][0];
        Assert.InRange(Networks.Difference(Networks.Run(model, unseen), Networks.Run(bytes, unseen)), 1e-6, 0.05);
    }

    [Fact]
    public void Weights_are_bytes_and_no_float_island_is_left_between()
    {
        var model = Networks.Residual();
        var graph = Networks.Open(Quantizer.Quantize("test.onnx", model, Networks.Watch(model), RangeRule.MinMax)).Graph;

        Assert.Equal(4, graph.Initializer.Count(t => t.DataType == (int)DataType.Int8 && t.Dims.Count == 4));
        Assert.All(graph.Initializer.Where(t => t.DataType == (int)DataType.Float), t => Assert.True(t.Dims.Count <= 1, $"{t.Name} is still float"));

        // Every operator but the rectifiers (which fuse with what is before them) reads what was restored from bytes.
        var restored = graph.Node.Where(n => n.OpType == "DequantizeLinear").Select(n => n.Output[0]).ToHashSet();
        foreach (var node in graph.Node.Where(n => n.OpType is "Conv" or "Add" or "MaxPool"))
        {
            Assert.All(node.Input, i => Assert.Contains(i, restored));
        }
    }

    [Fact]
    public void A_channel_of_large_weights_does_not_spoil_the_others()
    {
        var model = Networks.Residual(changeFirst: w => w.AsSpan(0, w.Length / Networks.Channels).Fill(50));
        var graph = Networks.Open(Quantizer.Quantize("test.onnx", model, Networks.Watch(model), RangeRule.MinMax)).Graph;

        var weights = graph.Initializer.Single(t => t.Name.StartsWith("a.weight.int8", StringComparison.Ordinal));
        var each = weights.RawData.Length / Networks.Channels;
        Assert.All(Enumerable.Range(0, Networks.Channels), c =>
            Assert.Equal(127, weights.RawData.ToArray().Skip(c * each).Take(each).Max(b => Math.Abs((int)(sbyte)b))));
    }

    [Fact]
    public void The_last_layer_can_stay_float32()
    {
        var model = Networks.Residual();
        var seen = Networks.Watch(model);
        var all = Networks.Open(Quantizer.Quantize("test.onnx", model, seen, RangeRule.MinMax));
        var most = Networks.Open(Quantizer.Quantize("test.onnx", model, seen, RangeRule.MinMax, KeptLayers.First | KeptLayers.Last));

        Assert.DoesNotContain(all.Graph.Initializer, t => t.Name is "a.weight" or "d.weight");
        Assert.Equal(["a.weight", "d.weight"], most.Graph.Initializer.Where(t => t.DataType == (int)DataType.Float && t.Dims.Count == 4).Select(t => t.Name));
    }

    [Fact]
    public void Matrix_products_and_what_is_not_known_work_on()
    {
        // Depthwise, and an operator that is not quantized: between and behind quantized ones.
        var model = Networks.Residual((g, x) => g.Gemm(g.GlobalMaxPool(g.Normalise(x)), "fc", new WeightTensor([2, 8], [.. Enumerable.Range(0, 16).Select(i => 0.1f * i - 0.7f)]), [1, -1]));
        var proto = Networks.Open(model);
        var depthwise = proto.Graph.Node.Single(n => n.Input.Contains("b.weight"));
        depthwise.Attribute.Add(new AttributeProto { Name = "group", Type = AttributeProto.Types.Type.Int, I = Networks.Channels });
        var kernel = proto.Graph.Initializer.Single(t => t.Name == "b.weight");
        kernel.Dims[1] = 1;
        kernel.RawData = ByteString.CopyFrom(kernel.RawData.Span[..(4 * Networks.Channels * 9)]);
        model = proto.ToByteArray();
        var seen = Networks.Watch(model);

        var unseen = Networks.Samples(13)[12][0];
        var expected = Networks.Run(model, unseen);
        foreach (var keep in new[] { KeptLayers.None, KeptLayers.Depthwise })
        {
            var bytes = Quantizer.Quantize("test.onnx", model, seen, RangeRule.MinMax, keep);
            Assert.InRange(Networks.Difference(expected, Networks.Run(bytes, unseen)), 1e-6, 0.05);
            Assert.Equal(keep == KeptLayers.Depthwise, Networks.Open(bytes).Graph.Initializer.Any(t => t.Name == "b.weight"));
        }
    }

    [Fact]
    public void A_network_with_nothing_to_quantize_is_refused()
    {
        var graph = new GraphBuilder("none");
        graph.Output(graph.Relu(graph.Input("x", Networks.Input.Shape)), "y");
        var model = graph.ToBytes();
        var e = Assert.Throws<InferenceException>(() => Quantizer.Quantize("none.onnx", model, Networks.Watch(model), RangeRule.MinMax));
        Assert.Contains("none.onnx: it has no convolution", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_model_and_what_is_too_old_is_refused()
    {
        Refused([1, 2, 3], "no ONNX model");
        var old = Networks.Open(Networks.Residual());
        old.OpsetImport[0].Version = 11;
        Refused(old.ToByteArray(), "opset 11");

        static void Refused(byte[] model, string why)
        {
            var e = Assert.Throws<InferenceException>(() => ModelGraph.Parse("old.onnx", model));
            Assert.Contains(why, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_network_that_gives_no_numbers_is_not_calibrated()
    {
        var samples = Networks.Samples(1);
        samples[0][0][5] = float.NaN;
        Assert.Throws<InferenceException>(() => CalibrationRun.Watch(
            "test.onnx", Networks.Residual(), [Networks.Input], samples, stop: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Simplifying_changes_nothing_but_the_form()
    {
        var model = Networks.Residual();
        var sample = Networks.Samples(1)[0][0];
        Assert.InRange(Networks.Difference(Networks.Run(model, sample), Networks.Run(Simplifier.Simplify("test.onnx", model), sample)), 0, 1e-6);
    }
}
