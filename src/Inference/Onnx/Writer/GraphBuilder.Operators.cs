namespace RealtimeSsl.Inference.Onnx.Writer;

/// <summary>The operators beyond plain convolutional networks: attention, gates, spectra, upsampling.</summary>
public sealed partial class GraphBuilder
{
    /// <summary>2-D convolution with sizes of its own in both directions, in groups.</summary>
    /// <param name="x">Input.</param>
    /// <param name="layer">Name of the layer.</param>
    /// <param name="weight">[out, in / groups, rows, cols].</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="stride">Down and across.</param>
    /// <param name="pad">Zeros above and below, left and right.</param>
    /// <param name="groups">Channels are convolved in as many groups; all of them alone: depth-wise.</param>
    public string Conv(
        string x, string layer, WeightTensor weight, float[]? bias, (int Down, int Across) stride, (int Down, int Across) pad, int groups = 1)
    {
        var w = Constant(layer + ".weight", weight.Values, weight.Shape);
        string[] inputs = bias is null ? [x, w] : [x, w, Constant(layer + ".bias", bias, bias.Length)];
        return Node("Conv", inputs, [
            Ints("kernel_shape", weight.Shape[2], weight.Shape[3]), Ints("strides", stride.Down, stride.Across),
            Ints("pads", pad.Down, pad.Across, pad.Down, pad.Across), Int("group", groups)]);
    }

    /// <summary>Transposed convolution without padding.</summary>
    /// <param name="x">Input.</param>
    /// <param name="layer">Name of the layer.</param>
    /// <param name="weight">[in, out, kernel, kernel].</param>
    /// <param name="stride">Stride in both directions.</param>
    public string ConvTranspose(string x, string layer, WeightTensor weight, int stride) => Node(
        "ConvTranspose",
        [x, Constant(layer + ".weight", weight.Values, weight.Shape)],
        [Ints("kernel_shape", weight.Shape[2], weight.Shape[3]), Ints("strides", stride, stride)]);

    /// <summary>Maximum of each window, sizes of its own in both directions, without padding; windows follow each other without overlap.</summary>
    public string MaxPool(string x, (int Down, int Across) kernel) => Node("MaxPool", [x], [
        Ints("kernel_shape", kernel.Down, kernel.Across), Ints("strides", kernel.Down, kernel.Across)]);

    /// <summary>Mean over all positions, which stay as 1 x 1: [N, C, H, W] to [N, C, 1, 1].</summary>
    public string MeanOverPositions(string x) => Node("GlobalAveragePool", [x]);

    /// <summary>Bilinear enlargement of [N, C, h, w], the corner cells' centres on each other (torch's align_corners=True).</summary>
    public string Enlarge(string x, int rows, int cols, int channels) => Node(
        "Resize",
        [x, "", "", Constant(Fresh("size"), [1L, channels, rows, cols])],
        [Text("mode", "linear"), Text("coordinate_transformation_mode", "align_corners")]);

    /// <summary>Element-wise product.</summary>
    public string Multiply(string a, string b) => Node("Mul", [a, b]);

    /// <summary>Element-wise product with one number.</summary>
    public string Multiply(string x, float factor) => Multiply(x, Number(factor));

    /// <summary>Element-wise product with a value per channel of [N, C, H, W].</summary>
    public string Multiply(string x, string layer, float[] perChannel) => Multiply(x, Constant(layer, perChannel, 1, perChannel.Length, 1, 1));

    /// <summary>Element-wise sum with one number.</summary>
    public string Add(string x, float number) => Add(x, Number(number));

    /// <summary>Element-wise sum with a value per channel of [N, C, H, W].</summary>
    public string Add(string x, string layer, float[] perChannel) => Add(x, Constant(layer, perChannel, 1, perChannel.Length, 1, 1));

    /// <summary>a - b.</summary>
    public string Subtract(string a, string b) => Node("Sub", [a, b]);

    /// <summary>a / b.</summary>
    public string Divide(string a, string b) => Node("Div", [a, b]);

    /// <summary>Natural logarithm.</summary>
    public string Log(string x) => Node("Log", [x]);

    /// <summary>Square root.</summary>
    public string Sqrt(string x) => Node("Sqrt", [x]);

    /// <summary>min(max(x, 0), 6).</summary>
    public string Relu6(string x) => Node("Clip", [x, Number(0), Number(6)]);

    /// <summary>min(max(x / 6 + 1/2, 0), 1).</summary>
    public string HardSigmoid(string x) => Node("HardSigmoid", [x], [Float("alpha", 1f / 6), Float("beta", 0.5f)]);

    /// <summary>x HardSigmoid(x).</summary>
    public string HardSwish(string x) => Node("HardSwish", [x]);

    /// <summary>x Phi(x), with the error function: torch's gelu.</summary>
    public string Gelu(string x) =>
        Multiply(Multiply(x, 0.5f), Add(Node("Erf", [Multiply(x, (float)Math.Sqrt(0.5))]), 1f));

    /// <summary>Softmax over the last axis.</summary>
    public string Softmax(string x) => Node("Softmax", [x], [Int("axis", -1)]);

    /// <summary>Matrix product of the last two axes.</summary>
    public string MatMul(string a, string b) => Node("MatMul", [a, b]);

    /// <summary>Axes in another order.</summary>
    public string Transpose(string x, params ReadOnlySpan<int> order) => Node("Transpose", [x], [Ints("perm", [.. order.ToArray().Select(o => (long)o)])]);

    /// <summary>The same numbers in another shape.</summary>
    public string Reshape(string x, params ReadOnlySpan<int> shape) =>
        Node("Reshape", [x, Constant(Fresh("shape"), [.. shape.ToArray().Select(s => (long)s)])]);

    /// <summary>A run of one axis.</summary>
    public string Slice(string x, int axis, int from, int to) =>
        Node("Slice", [x, Constant(Fresh("from"), [(long)from]), Constant(Fresh("to"), [(long)to]), Constant(Fresh("axis"), [(long)axis])]);

    /// <summary>The least of all numbers, as 1 x 1 x ... .</summary>
    public string Least(string x) => Node("ReduceMin", [x]);

    /// <summary>The largest of all numbers, as 1 x 1 x ... .</summary>
    public string Largest(string x) => Node("ReduceMax", [x]);

    /// <summary>The mean of all numbers, as 1 x 1 x ... .</summary>
    public string Mean(string x) => Node("ReduceMean", [x]);

    /// <summary>Mean along one axis, which stays with length 1.</summary>
    public string Mean(string x, int axis) => Node("ReduceMean", [x], [Ints("axes", axis)]);

    private string Number(float value) => Constant(Fresh("number"), [value]);

    private static AttributeProto Float(string attribute, float value) =>
        new() { Name = attribute, Type = AttributeProto.Types.Type.Float, F = value };

    private static AttributeProto Text(string attribute, string value) =>
        new() { Name = attribute, Type = AttributeProto.Types.Type.String, S = Google.Protobuf.ByteString.CopyFromUtf8(value) };
}
