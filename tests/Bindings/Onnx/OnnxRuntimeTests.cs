using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit;

namespace RealtimeSsl.Tests.Bindings.Onnx;

/// <summary>The managed API and the native library belong together: a model of one node is loaded from bytes and run.</summary>
public sealed class OnnxRuntimeTests
{
    [Fact]
    public void A_model_of_one_node_adds_its_two_inputs()
    {
        using var options = Quiet();
        using var session = new InferenceSession(AddModel(3), options);
        var a = new DenseTensor<float>(new float[] { 1, 2, 3 }, [3]);
        var b = new DenseTensor<float>(new float[] { 10, 20, 30.5f }, [3]);

        using var results = session.Run([NamedOnnxValue.CreateFromTensor("a", a), NamedOnnxValue.CreateFromTensor("b", b)]);

        Assert.Equal([11f, 22f, 33.5f], Assert.Single(results).AsTensor<float>().ToArray());
    }

    [Fact]
    public void Values_over_our_own_memory_are_read_and_written_in_place()
    {
        using var options = Quiet();
        using var session = new InferenceSession(AddModel(2), options);
        float[] a = [1, 2], b = [3, 4], sum = [0, 0];
        using var run = new RunOptions();
        using var left = OrtValue.CreateTensorValueFromMemory(a, [2]);
        using var right = OrtValue.CreateTensorValueFromMemory(b, [2]);
        using var target = OrtValue.CreateTensorValueFromMemory(sum, [2]);

        session.Run(run, ["a", "b"], [left, right], ["sum"], [target]);

        Assert.Equal([4f, 6f], sum);
    }

    [Fact]
    public void The_model_tells_its_inputs_and_outputs()
    {
        using var options = Quiet();
        using var session = new InferenceSession(AddModel(5), options);

        Assert.Equal(["a", "b"], session.InputNames);
        Assert.Equal(["sum"], session.OutputNames);
        Assert.Equal([5], session.InputMetadata["a"].Dimensions);
        Assert.Equal(typeof(float), session.InputMetadata["a"].ElementType);
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused()
    {
        using var options = Quiet();
        Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(Encoding.ASCII.GetBytes("not a model"), options));
    }

    [Fact]
    public void The_native_library_is_the_version_that_is_pinned_and_has_the_CPU_provider()
    {
        Assert.StartsWith("1.29.", OrtEnv.Instance().GetVersionString(), StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", OrtEnv.Instance().GetAvailableProviders());
    }

    private static SessionOptions Quiet()
    {
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    /// <summary>sum = a + b over vectors of the given length, as an ONNX ModelProto (field numbers from onnx.proto).</summary>
    private static byte[] AddModel(int length)
    {
        byte[] node = [.. Text(1, "a"), .. Text(1, "b"), .. Text(2, "sum"), .. Text(4, "Add")];
        byte[] graph =
        [
            .. Message(1, node), .. Text(2, "add"),
            .. Message(11, Vector("a")), .. Message(11, Vector("b")), .. Message(12, Vector("sum")),
        ];
        byte[] opset = Number(2, 13);
        return [.. Number(1, 8), .. Message(7, graph), .. Message(8, opset)];

        byte[] Vector(string name)
        {
            var shape = Message(1, Number(1, length));
            byte[] tensor = [.. Number(1, 1), .. Message(2, shape)];
            return [.. Text(1, name), .. Message(2, Message(1, tensor))];
        }
    }

    private static byte[] Number(int field, int value) => [(byte)(field << 3), (byte)value];

    private static byte[] Text(int field, string value) => Message(field, Encoding.ASCII.GetBytes(value));

    private static byte[] Message(int field, byte[] body)
    {
        Assert.InRange(body.Length, 0, 16383);
        byte[] length = body.Length < 128 ? [(byte)body.Length] : [(byte)((body.Length & 127) | 128), (byte)(body.Length >> 7)];
        return [(byte)((field << 3) | 2), .. length, .. body];
    }
}
