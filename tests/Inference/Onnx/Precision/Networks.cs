using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.Onnx.Precision;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Onnx.Precision;

/// <summary>Small networks, inputs for them, and runs of them in ONNX Runtime.</summary>
internal static class Networks
{
    public const int Channels = 8;

    public static readonly TrunkInput Input = new("the input", [1, 3, 16, 16]);

    /// <summary>A convolution, a pool, a block with a shortcut, and what a test appends.</summary>
    public static byte[] Residual(Func<GraphBuilder, string, string>? tail = null, Action<float[]>? changeFirst = null)
    {
        var graph = new GraphBuilder("residual");
        var first = Kernel(1, 3);
        changeFirst?.Invoke(first.Values);
        var x = graph.Relu(graph.Conv(graph.Input("x", Input.Shape), "a", first, Bias(2), stride: 1, pad: 1));
        x = graph.MaxPool(x, kernel: 2, stride: 2, pad: 0);
        var y = graph.Relu(graph.Conv(x, "b", Kernel(3, Channels), Bias(4), pad: 1));
        x = graph.Relu(graph.Add(graph.Conv(y, "c", Kernel(5, Channels), Bias(6), pad: 1), x));
        x = graph.Conv(x, "d", Kernel(7, Channels), Bias(8), pad: 1);
        graph.Output(tail?.Invoke(graph, x) ?? x, "y");
        return graph.ToBytes();
    }

    public static float[][][] Samples(int count = 12, double scale = 2) => [.. Enumerable.Range(0, count).Select(s => new[]
    {
        Enumerable.Range(0, Input.Count).Select(i => (float)Golden.Uniform((uint)(100 + s), (uint)i, -scale, scale)).ToArray(),
    })];

    public static IReadOnlyDictionary<string, ValueRange> Watch(byte[] model) => CalibrationRun.Watch("test.onnx", model, [Input], Samples());

    public static float[] Run(byte[] model, float[] input)
    {
        using var trunk = new OnnxTrunk("test.onnx", model, new DeviceChoice("cpu", "cpu", null), 1, Input);
        input.CopyTo(trunk.Input());
        trunk.Run();
        return trunk.Output().ToArray();
    }

    public static ModelProto Open(byte[] model) => ModelProto.Parser.ParseFrom(model);

    /// <summary>Largest difference in parts of the largest value.</summary>
    public static double Difference(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return expected.Zip(actual).Max(p => Math.Abs((double)p.First - p.Second)) / expected.Max(Math.Abs);
    }

    private static WeightTensor Kernel(uint seed, int channels) => FormulaWeights.Tensor(seed, "weight", Channels, channels, 3, 3);

    private static float[] Bias(uint seed) => FormulaWeights.Tensor(seed, "bias", Channels).Values;
}
