using System.Runtime.InteropServices;
using Google.Protobuf;

namespace RealtimeSsl.Inference.Onnx.Writer;

/// <summary>
/// Writes an ONNX model, node by node: every method adds one operator and returns the name of its output, so that a network reads like its
/// forward pass. Opset 17, float32, static shapes: what every execution provider runs best.
/// </summary>
/// <param name="name">Name of the graph.</param>
public sealed partial class GraphBuilder(string name)
{
    /// <summary>Version of the operators used.</summary>
    public const int Opset = 17;

    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _constants = [];
    private int _next;

    /// <summary>Declares an input.</summary>
    public string Input(string input, params ReadOnlySpan<int> shape)
    {
        _graph.Input.Add(Value(input, shape));
        return input;
    }

    /// <summary>
    /// Declares <paramref name="value"/> an output of the model, under the name <paramref name="output"/>; without a shape, readers infer
    /// it.
    /// </summary>
    public void Output(string value, string output, params ReadOnlySpan<int> shape)
    {
        _graph.Node.Add(new NodeProto { OpType = "Identity", Name = output, Input = { value }, Output = { output } });
        _graph.Output.Add(Value(output, shape));
    }

    /// <summary>Stores a constant. A name stands for one value: a layer that is used again uses what is stored already.</summary>
    public string Constant(string constant, float[] values, params ReadOnlySpan<int> shape) =>
        Constant(constant, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes<float>(values).ToArray(), shape);

    /// <summary>Stores a constant of integers: an axis, a shape.</summary>
    public string Constant(string constant, long[] values) =>
        Constant(constant, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>(values).ToArray(), [values.Length]);

    /// <summary>2-D convolution over N,C,H,W.</summary>
    /// <param name="x">Input.</param>
    /// <param name="layer">Name of the layer.</param>
    /// <param name="weight">[out, in, kernel, kernel].</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="stride">Stride in both directions.</param>
    /// <param name="pad">Zero padding on all sides.</param>
    public string Conv(string x, string layer, WeightTensor weight, float[]? bias, int stride = 1, int pad = 0)
    {
        var w = Constant(layer + ".weight", weight.Values, weight.Shape);
        string[] inputs = bias is null ? [x, w] : [x, w, Constant(layer + ".bias", bias, bias.Length)];
        return Node("Conv", inputs, [
            Ints("kernel_shape", weight.Shape[2], weight.Shape[3]), Ints("strides", stride, stride), Ints("pads", pad, pad, pad, pad)]);
    }

    /// <summary>Matrix product with a transposed matrix, plus bias: a linear layer over [N, in].</summary>
    /// <param name="x">Input.</param>
    /// <param name="layer">Name of the layer.</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out].</param>
    public string Gemm(string x, string layer, WeightTensor weight, float[] bias) =>
        Node(
            "Gemm",
            [x, Constant(layer + ".weight", weight.Values, weight.Shape), Constant(layer + ".bias", bias, bias.Length)],
            [Int("transB", 1)]);

    /// <summary>max(x, 0).</summary>
    public string Relu(string x) => Node("Relu", [x]);

    /// <summary>Element-wise sum.</summary>
    public string Add(string a, string b) => Node("Add", [a, b]);

    /// <summary>Maximum of each window; padding never wins.</summary>
    public string MaxPool(string x, int kernel, int stride, int pad) => Node("MaxPool", [x], [
        Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride), Ints("pads", pad, pad, pad, pad)]);

    /// <summary>Maximum over all positions: [N, C, H, W] to [N, C].</summary>
    public string GlobalMaxPool(string x) => Node("Flatten", [Node("GlobalMaxPool", [x])]);

    /// <summary>Mean over all positions: [N, C, H, W] to [N, C].</summary>
    public string GlobalAveragePool(string x) => Node("Flatten", [Node("GlobalAveragePool", [x])]);

    /// <summary>x / max(|x|, 1e-12) with the Euclidean norm over the channels (axis 1).</summary>
    public string Normalise(string x)
    {
        var norm = Node("Max", [Node("ReduceL2", [x], [Ints("axes", 1)]), Constant(Fresh("epsilon"), [1e-12f])]);
        return Node("Div", [x, norm]);
    }

    /// <summary>Joins along the channels (axis 1).</summary>
    public string Concat(params string[] values) => Node("Concat", values, [Int("axis", 1)]);

    /// <summary>The model's bytes: the content of an .onnx file.</summary>
    public byte[] ToBytes() => new ModelProto
    {
        IrVersion = 8,
        ProducerName = "realtimessl",
        Graph = _graph,
        OpsetImport = { new OperatorSetIdProto { Version = Opset } },
    }.ToByteArray();

    private string Node(string op, string[] inputs, AttributeProto[]? attributes = null)
    {
        var output = Fresh(op);
        _graph.Node.Add(
            new NodeProto { OpType = op, Name = output, Input = { inputs }, Output = { output }, Attribute = { attributes ?? [] } });
        return output;
    }

    private string Constant(string constant, TensorProto.Types.DataType type, byte[] raw, ReadOnlySpan<int> shape)
    {
        if (!_constants.Add(constant))
        {
            return constant;
        }

        var tensor = new TensorProto { Name = constant, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(raw) };
        foreach (var size in shape)
        {
            tensor.Dims.Add(size);
        }

        _graph.Initializer.Add(tensor);
        return constant;
    }

    private string Fresh(string op) => $"{op}_{_next++}";

    private static AttributeProto Int(string attribute, long value) =>
        new() { Name = attribute, Type = AttributeProto.Types.Type.Int, I = value };

    private static AttributeProto Ints(string attribute, params long[] values) =>
        new() { Name = attribute, Type = AttributeProto.Types.Type.Ints, Ints = { values } };

    private static ValueInfoProto Value(string name, ReadOnlySpan<int> shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float };
        if (!shape.IsEmpty)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (var size in shape)
            {
                tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
            }
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
