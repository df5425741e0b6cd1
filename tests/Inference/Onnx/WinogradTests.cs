using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.Onnx.Precision;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Inference.Onnx.Precision;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Onnx;

/// <summary>Wide 3x3 convolutions in Winograd's form: the same values as ONNX Runtime's own, and only where that is meant.</summary>
public sealed class WinogradTests
{
    private const int Wide = Winograd.LeastChannels;

    /// <summary>Largest difference allowed, in parts of the largest value: the transforms add and halve, which costs a few last digits.</summary>
    private const double Close = 3e-6;

    private static readonly DeviceChoice Cpu = new("cpu", "cpu", null);

    [Theory]
    [InlineData(14, 14)]
    [InlineData(17, 19)]
    [InlineData(16, 9)]
    [InlineData(7, 12)]
    [InlineData(2, 3)]
    [InlineData(1, 1)]
    public void Even_and_odd_maps_come_out_the_same(int rows, int cols) =>
        Same([1, Wide, rows, cols], convolutions: 1, (g, x) => g.Conv(x, "a", Kernel(1, Wide, Wide), Bias(2, Wide), pad: 1));

    [Fact]
    public void More_channels_out_than_in_and_no_bias() =>
        Same([1, Wide, 6, 5], convolutions: 1, (g, x) => g.Conv(x, "a", Kernel(1, Wide + 32, Wide), null, pad: 1));

    [Fact]
    public void Blocks_with_a_shortcut_after_a_stride_and_a_pool() =>
        Same([1, 3, 38, 45], convolutions: 3, (g, x) =>
        {
            x = g.MaxPool(g.Relu(g.Conv(x, "stem", FormulaWeights.Tensor(1, "weight", 64, 3, 7, 7), Bias(2, 64), stride: 2, pad: 3)), kernel: 3, stride: 2, pad: 1);
            var y = g.Relu(g.Conv(x, "a", Kernel(3, Wide, 64), Bias(4, Wide), pad: 1)); // too narrow
            x = g.Relu(g.Add(g.Conv(y, "b", Kernel(5, Wide, Wide), Bias(6, Wide), pad: 1), g.Conv(x, "down", FormulaWeights.Tensor(7, "weight", Wide, 64, 1, 1), null)));
            y = g.Relu(g.Conv(x, "c", Kernel(8, Wide, Wide), Bias(9, Wide), pad: 1));
            return g.Relu(g.Add(g.Conv(y, "d", Kernel(10, Wide, Wide), Bias(11, Wide), pad: 1), x));
        });

    [Fact]
    public void Layers_that_share_their_weights_still_do()
    {
        int[] shape = [1, Wide, 5, 6];
        var model = Model(shape, Twice);
        Same(shape, convolutions: 2, Twice);
        Assert.Single(Networks.Open(Winograd.Apply("test.onnx", model, [Input(shape)])).Graph.Initializer, t => t.Dims.Count == 4 && t.Dims[0] == 16 * Wide);

        static string Twice(GraphBuilder g, string x) =>
            g.Conv(g.Relu(g.Conv(x, "a", Kernel(1, Wide, Wide), Bias(2, Wide), pad: 1)), "a", Kernel(1, Wide, Wide), Bias(2, Wide), pad: 1);
    }

    [Fact]
    public void The_filters_are_those_of_the_paper()
    {
        // An impulse at the middle: G g G' = column of G times row of G, (0 1/2 -1/2 0) both ways.
        var one = new float[9];
        one[4] = 1;
        Assert.Equal(
            [0, 0, 0, 0, 0, 0.25f, -0.25f, 0, 0, -0.25f, 0.25f, 0, 0, 0, 0, 0],
            Winograd.Filters(new WeightTensor([1, 1, 3, 3], one)));
    }

    public static TheoryData<string, int[], Func<GraphBuilder, string, string>> Others => new()
    {
        { "narrow", [1, 64, 14, 14], (g, x) => g.Conv(x, "a", Kernel(1, 64, 64), null, pad: 1) },
        { "with a stride", [1, Wide, 14, 14], (g, x) => g.Conv(x, "a", Kernel(1, Wide, Wide), null, stride: 2, pad: 1) },
        { "without padding", [1, Wide, 14, 14], (g, x) => g.Conv(x, "a", Kernel(1, Wide, Wide), null) },
        { "1x1", [1, Wide, 14, 14], (g, x) => g.Conv(x, "a", FormulaWeights.Tensor(1, "weight", Wide, Wide, 1, 1), null) },
        { "channels not in blocks of 16", [1, Wide, 5, 5], (g, x) => g.Conv(x, "a", Kernel(1, Wide + 1, Wide), null, pad: 1) },
        { "a large map", [1, Wide, 65, 64], (g, x) => g.Conv(x, "a", Kernel(1, Wide, Wide), null, pad: 1) },
        { "a batch", [2, Wide, 5, 5], (g, x) => g.Conv(x, "a", Kernel(1, Wide, Wide), null, pad: 1) },
        { "a size that is not known", [1, Wide, 5, 5], (g, x) => g.Conv(g.Transpose(x, 0, 1, 3, 2), "a", Kernel(1, Wide, Wide), null, pad: 1) },
    };

    [Theory]
    [MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public void What_would_not_gain_or_cannot_be_rewritten_stays_as_it_is(string what, int[] shape, Func<GraphBuilder, string, string> layer)
    {
        var model = Model(shape, layer);
        Assert.True(ReferenceEquals(model, Winograd.Apply("test.onnx", model, [Input(shape)])), what);
    }

    [Fact]
    public void A_network_with_narrow_numbers_and_what_is_no_network_stay_as_they_are()
    {
        int[] shape = [1, Wide, 6, 6];
        var model = Model(shape, OneLayer);
        var seen = CalibrationRun.Watch("test.onnx", model, [Input(shape)], [[Values(shape)]], stop: TestContext.Current.CancellationToken);
        foreach (var other in (byte[][])[Quantizer.Quantize("test.onnx", model, seen, RangeRule.MinMax), HalfPrecision.Convert("test.onnx", model, seen), "no network"u8.ToArray()])
        {
            Assert.Same(other, Winograd.Apply("test.onnx", other, [Input(shape)]));
        }
    }

    [Fact]
    public void It_is_for_the_CPU_alone()
    {
        Assert.False(Winograd.Helps(new DeviceChoice("cuda", "cuda", null)));
        Assert.False(Winograd.Helps(new DeviceChoice("directml", "directml", null)));
    }

    [Fact]
    public void The_switch_turns_it_off()
    {
        Assert.SkipUnless(Winograd.Helps(Cpu), "the processor is no x86");
        using var folder = new TemporaryFolder();
        int[] shape = [1, 3, 6, 6];
        var model = Model(shape, (g, x) => OneLayer(g, g.Conv(x, "stem", FormulaWeights.Tensor(5, "weight", Wide, 3, 1, 1), null)));
        var tiny = TinyPackage.Manifest;
        var package = ModelPackage.Create(folder.Path, tiny, new Dictionary<string, byte[]> { ["README.md"] = [], ["image.onnx"] = model, ["audio.onnx"] = model });

        var plain = Run(model, shape);
        var rewritten = Run(Winograd.Apply("test.onnx", model, [Input(shape)]), shape);
        Assert.NotEqual(plain, rewritten); // in the last digits, or the next two lines would show nothing
        Assert.Equal(plain, Output(winograd: false));
        Assert.Equal(rewritten, Output(winograd: true));

        float[] Output(bool winograd)
        {
            var options = new LocalizerOptions(new LogLines()) { Threads = 1, Winograd = winograd };
            using var trunk = Trunks.Load(package, "image.onnx", Cpu, options, Input(shape));
            return Run(trunk, shape);
        }
    }

    private static void Same(int[] shape, int convolutions, Func<GraphBuilder, string, string> network)
    {
        var model = Model(shape, network);
        var rewritten = Winograd.Apply("test.onnx", model, [Input(shape)]);
        Assert.Equal(convolutions, Networks.Open(rewritten).Graph.Node.Count(n => n.Attribute.Any(a => a.Name == "group" && a.I == 16)));
        Assert.InRange(Networks.Difference(Run(model, shape), Run(rewritten, shape)), 0, Close);
        Assert.Equal(rewritten, Winograd.Apply("test.onnx", model, [Input(shape)]));
    }

    private static string OneLayer(GraphBuilder g, string x) => g.Conv(x, "a", Kernel(1, Wide, Wide), Bias(2, Wide), pad: 1);

    private static byte[] Model(int[] shape, Func<GraphBuilder, string, string> network)
    {
        var graph = new GraphBuilder("test");
        graph.Output(network(graph, graph.Input("x", shape)), "y");
        return graph.ToBytes();
    }

    private static float[] Run(byte[] model, int[] shape)
    {
        using var trunk = new OnnxTrunk("test.onnx", model, Cpu, 1, Input(shape));
        return Run(trunk, shape);
    }

    private static float[] Run(OnnxTrunk trunk, int[] shape)
    {
        Values(shape).CopyTo(trunk.Input());
        trunk.Run();
        return trunk.Output().ToArray();
    }

    private static TrunkInput Input(int[] shape) => new("the input", shape);

    private static float[] Values(int[] shape) => [.. Enumerable.Range(0, Input(shape).Count).Select(i => (float)Golden.Uniform(77, (uint)i, -1, 1))];

    private static WeightTensor Kernel(uint seed, int channelsOut, int channelsIn) => FormulaWeights.Tensor(seed, "weight", channelsOut, channelsIn, 3, 3);

    private static float[] Bias(uint seed, int channels) => FormulaWeights.Tensor(seed, "bias", channels).Values;
}
