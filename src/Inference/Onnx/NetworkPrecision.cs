using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Inference.Onnx;

/// <summary>In which numbers a network holds its weights: what a package says of itself may be wrong, its weights are not.</summary>
public static class NetworkPrecision
{
    // TensorProto.DataType of the ONNX format.
    private const int UInt8 = 2, Int8 = 3, Float16 = 10;

    /// <summary><c>int8</c>, <c>fp16</c> or <c>fp32</c>: the narrowest that any weight of two or more dimensions has.</summary>
    /// <param name="model">An ONNX model.</param>
    public static string Of(byte[] model) => Of(ModelProto.Parser.ParseFrom(model));

    /// <summary>The same of an opened model.</summary>
    internal static string Of(ModelProto model)
    {
        var types = model.Graph.Initializer.Where(t => t.Dims.Count > 1).Select(t => t.DataType).ToHashSet();
        return types.Contains(Int8) || types.Contains(UInt8) ? "int8" : types.Contains(Float16) ? "fp16" : "fp32";
    }
}
