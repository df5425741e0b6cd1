using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Onnx;

/// <summary>One network, loaded once, run often: clear errors when it does not fit, no allocation when it does.</summary>
public sealed class OnnxTrunkTests
{
    private static readonly DeviceChoice Cpu = new("cpu", "cpu", null);

    [Fact]
    public void Running_a_network_allocates_nothing()
    {
        using var trunk = new OnnxTrunk("twice.onnx", Twice(4), Cpu, 1, new TrunkInput("the input", [1, 4]));
        var wrong = 0;

        var bytes = Allocations.LeastOfRounds(i =>
        {
            trunk.Input()[0] = i;
            trunk.Run();
            wrong += trunk.Output()[0] == 2 * i ? 0 : 1;
        });

        Assert.Equal((0, 0), (bytes, wrong));
    }

    [Fact]
    public void A_damaged_file_is_named_in_one_line()
    {
        var bytes = Twice(4);
        var e = Fails(bytes[..(bytes.Length / 2)], new TrunkInput("the input", [1, 4]));
        Assert.StartsWith("model.onnx: ONNX Runtime cannot load it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_another_input_shape_is_refused_with_both_shapes()
    {
        var e = Fails(Twice(4), new TrunkInput("the image (front end 'x')", [1, 5]));
        Assert.Contains("input 'x' has the shape [1,4], the image (front end 'x') is [1,5]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_another_number_of_inputs_is_refused()
    {
        var e = Fails(Twice(4), new TrunkInput("the image", [1, 4]), new TrunkInput("the audio", [1, 4]));
        Assert.Contains("it takes 1 inputs (x), the package feeds 2", e.Message, StringComparison.Ordinal);
    }

    private static InferenceException Fails(byte[] model, params TrunkInput[] inputs)
    {
        var e = Assert.Throws<InferenceException>(() => new OnnxTrunk("model.onnx", model, Cpu, 1, inputs));
        Assert.DoesNotContain('\n', e.Message);
        return e;
    }

    private static byte[] Twice(int length)
    {
        var graph = new GraphBuilder("twice");
        var x = graph.Input("x", 1, length);
        graph.Output(graph.Add(x, x), "y", 1, length);
        return graph.ToBytes();
    }
}
