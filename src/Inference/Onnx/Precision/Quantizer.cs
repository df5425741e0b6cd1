using Google.Protobuf.Collections;
using RealtimeSsl.Inference.Onnx.Writer;
using static RealtimeSsl.Inference.Onnx.Writer.TensorProto.Types;

namespace RealtimeSsl.Inference.Onnx.Precision;

/// <summary>Which layers with weights stay in float32.</summary>
[Flags]
public enum KeptLayers
{
    /// <summary>None: all are quantized.</summary>
    None = 0,

    /// <summary>Convolutions of one channel each.</summary>
    Depthwise = 1,

    /// <summary>The last one on every way to an output.</summary>
    Last = 2,

    /// <summary>The first ones after the input.</summary>
    First = 4,
}

/// <summary>
/// Writes a float32 model as an int8 one, in ONNX's QDQ form: every value that a quantized operator reads or makes passes QuantizeLinear and
/// DequantizeLinear, which runtimes fuse with the operators between (QLinearConv, QLinearAdd, MaxPool on bytes ...), and which mean the same in those that do not.
/// <para>
/// Weights are int8, symmetric, one scale per output channel; activations uint8 with a zero point, one scale each; biases int32. A rectifier is
/// left out by its fusion, since below the zero point there is nothing. Where bytes meet int8, processors without VNNI add pairs of products in 16 bits, which may
/// saturate; sessions are told to prefer being right there (<see cref="ExecutionProvider"/>), so that weights can use all 8 bits.
/// </para>
/// </summary>
public sealed class Quantizer
{
    /// <summary>What can be quantized, or is passed through on the way.</summary>
    internal static readonly string[] Operators = ["Conv", "Gemm", "MatMul", "Add", "Relu", "Clip", "MaxPool", "GlobalAveragePool"];

    private readonly ModelGraph _graph;
    private readonly IReadOnlyDictionary<string, ValueRange> _seen;
    private readonly RangeRule _rule;
    private readonly HashSet<NodeProto> _quantized;
    private readonly HashSet<string> _values = [];
    private readonly Dictionary<string, (float Scale, byte Zero)> _parameters = [];
    private readonly Dictionary<string, string> _restored = [];
    private readonly List<NodeProto> _nodes = [];

    private Quantizer(ModelGraph graph, IReadOnlyDictionary<string, ValueRange> seen, RangeRule rule, KeptLayers keep)
    {
        (_graph, _seen, _rule) = (graph, seen, rule);
        _quantized = Choose(keep);
        foreach (var node in _quantized)
        {
            _values.UnionWith(HasWeights(node) ? node.Input.Take(1) : node.Input);

            if (Rectified(node) is { } output)
            {
                _values.Add(output);
            }
        }
    }

    /// <summary>Quantizes a model.</summary>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="model">Its content.</param>
    /// <param name="seen">What was seen of its values (<see cref="CalibrationRun"/>).</param>
    /// <param name="rule">How ranges are chosen.</param>
    /// <param name="keep">What stays in float32.</param>
    /// <exception cref="InferenceException">It is no model, or nothing in it can be quantized.</exception>
    public static byte[] Quantize(string file, byte[] model, IReadOnlyDictionary<string, ValueRange> seen, RangeRule rule, KeptLayers keep = KeptLayers.None)
    {
        var quantizer = new Quantizer(ModelGraph.Parse(file, model), seen, rule, keep);
        return quantizer._quantized.Any(HasWeights)
            ? quantizer.Write()
            : throw new InferenceException($"{file}: it has no convolution and no matrix product with constant weights: there is nothing to quantize");
    }

    private static bool HasWeights(NodeProto node) => ModelGraph.Is(node, "Conv", "Gemm", "MatMul");

    private HashSet<NodeProto> Choose(KeptLayers keep)
    {
        var beforeWeights = new HashSet<string>();
        foreach (var node in _graph.Nodes.Reverse().Where(n => HasWeights(n) || n.Output.Any(beforeWeights.Contains)))
        {
            beforeWeights.UnionWith(node.Input);
        }

        var chosen = _graph.Nodes.Where(n => HasWeights(n) && CanQuantize(n) && !IsKept(n)).ToHashSet();

        // What lies between quantized layers follows them, so that bytes stay bytes; what leads to floats only is better done in floats.
        foreach (var node in _graph.Nodes.Reverse().Where(n => ModelGraph.Is(n, "Add", "MaxPool", "GlobalAveragePool")))
        {
            var known = node.Input.All(i => _seen.ContainsKey(i) && !_graph.IsConstant(i)) && _seen.ContainsKey(node.Output[0]);
            if (known && Readers(Rectified(node) ?? node.Output[0]).Any(chosen.Contains) && (!ModelGraph.Is(node, "MaxPool") || node.Output.Count == 1))
            {
                chosen.Add(node);
            }
        }

        return chosen;

        bool IsKept(NodeProto node) =>
            (keep.HasFlag(KeptLayers.Depthwise) && ModelGraph.Attribute(node, "group", 1) > 1)
            || (keep.HasFlag(KeptLayers.First) && _graph.Inputs.Contains(node.Input[0]))
            || (keep.HasFlag(KeptLayers.Last) && !beforeWeights.Contains(node.Output[0]));
    }

    private bool CanQuantize(NodeProto node)
    {
        if (!_seen.ContainsKey(node.Input[0]) || !_seen.ContainsKey(node.Output[0]) || _graph.Floats(node.Input[1]) is not { } weight
            || (node.Input.Count > 2 && node.Input[2].Length > 0 && _graph.Floats(node.Input[2]) is null))
        {
            return false;
        }

        return node.OpType switch
        {
            "Conv" => weight.Shape.Length == 4,
            "Gemm" => weight.Shape.Length == 2 && ModelGraph.Attribute(node, "transA", 0) == 0 && ModelGraph.Attribute(node, "alpha", 1f) == 1
                && ModelGraph.Attribute(node, "beta", 1f) == 1,
            _ => weight.Shape.Length == 2,
        };
    }

    private IEnumerable<NodeProto> Readers(string value) => _graph.Readers[value];

    /// <summary>
    /// The value that a node's result is quantized as: its own, or that of the rectifier right after it, which quantization does by the way. Null where it stays
    /// a float: a matrix product that nothing quantized reads.
    /// </summary>
    private string? Rectified(NodeProto node)
    {
        var output = node.Output[0];
        NodeProto[] readers = [.. Readers(output)];
        if (readers.Length == 1 && ModelGraph.Is(readers[0], "Relu", "Clip") && _seen.ContainsKey(readers[0].Output[0]) && !_graph.Outputs.Contains(output)
            && !ModelGraph.Is(node, "MaxPool"))
        {
            output = readers[0].Output[0];
        }

        return ModelGraph.Is(node, "Gemm", "MatMul") && !Readers(output).Any(r => _quantized?.Contains(r) ?? false) ? null : output;
    }

    private byte[] Write()
    {
        foreach (var input in _graph.Inputs.Where(_values.Contains))
        {
            Pass(input, input);
        }

        foreach (var node in _graph.Nodes)
        {
            var copy = node.Clone();
            for (var i = 0; i < copy.Input.Count; i++)
            {
                copy.Input[i] = _restored.GetValueOrDefault(copy.Input[i], copy.Input[i]);
            }

            if (_quantized.Contains(node) && HasWeights(node))
            {
                Weights(node, copy.Input);
            }

            // The pair bears the value's own name where that is an output of the model.
            var own = copy.Output[0];
            if (_values.Contains(own) && _graph.Outputs.Contains(own))
            {
                copy.Output[0] = _graph.Fresh(own);
            }

            _nodes.Add(copy);
            if (_values.Contains(own))
            {
                Pass(own, copy.Output[0], ModelGraph.Is(node, "MaxPool") && _quantized.Contains(node) ? node.Input[0] : null);
            }
        }

        return _graph.With(_nodes);
    }

    /// <summary>Quantizes a value and restores it; <paramref name="like"/>: with the parameters of another, whose bytes are passed on.</summary>
    private void Pass(string value, string made, string? like = null)
    {
        var (scale, zero) = _parameters[value] = like is not null ? _parameters[like] : Activation(value);
        var s = _graph.Add(_graph.Fresh(value + ".scale"), DataType.Float, [scale]);
        var z = _graph.Add(_graph.Fresh(value + ".zero"), DataType.Uint8, [zero]);
        var bytes = Node("QuantizeLinear", _graph.Fresh(value + ".bytes"), [made, s, z]);
        _restored[value] = Node("DequantizeLinear", made == value ? _graph.Fresh(value + ".restored") : value, [bytes, s, z]);
    }

    private (float Scale, byte Zero) Activation(string value)
    {
        var (low, high) = _seen[value].By(_rule);
        var scale = high > low ? (high - low) / 255 : 1;
        return (scale, (byte)Math.Clamp(Math.Round(-low / scale), 0, 255));
    }

    private void Weights(NodeProto node, RepeatedField<string> inputs)
    {
        var (weight, bias) = (_graph.Floats(node.Input[1])!, inputs.Count > 2 && inputs[2].Length > 0 ? _graph.Floats(node.Input[2]) : null);

        // Output channels are the first axis of a convolution and of a transposed matrix.
        var axis = ModelGraph.Is(node, "Conv") || (ModelGraph.Is(node, "Gemm") && ModelGraph.Attribute(node, "transB", 0) == 1) ? 0 : 1;
        var input = _parameters[node.Input[0]].Scale;
        var (values, scales) = WeightRounding.PerChannel(weight, axis, input, bias?.Values);
        var s = _graph.Add(_graph.Fresh(node.Input[1] + ".scale"), DataType.Float, scales, scales.Length);
        var z = _graph.Add(_graph.Fresh(node.Input[1] + ".zero"), DataType.Int8, new sbyte[scales.Length], scales.Length);
        var w = _graph.Add(_graph.Fresh(node.Input[1] + ".int8"), DataType.Int8, values, weight.Shape);
        inputs[1] = Node("DequantizeLinear", _graph.Fresh(node.Input[1] + ".restored"), [w, s, z], axis);
        if (bias is not null && bias.Values.Length == scales.Length)
        {
            float[] products = [.. scales.Select(x => x * input)];
            int[] rounded = [.. bias.Values.Zip(products, (b, p) => (int)Math.Round((double)b / p))];
            var bs = _graph.Add(_graph.Fresh(node.Input[2] + ".scale"), DataType.Float, products, products.Length);
            var bz = _graph.Add(_graph.Fresh(node.Input[2] + ".zero"), DataType.Int32, new int[rounded.Length], rounded.Length);
            var b = _graph.Add(_graph.Fresh(node.Input[2] + ".int32"), DataType.Int32, rounded, rounded.Length);
            inputs[2] = Node("DequantizeLinear", _graph.Fresh(node.Input[2] + ".restored"), [b, bs, bz], 0);
        }
    }

    private string Node(string op, string output, string[] inputs, int? axis = null)
    {
        var node = new NodeProto { OpType = op, Name = _graph.Fresh(op), Input = { inputs }, Output = { output } };
        if (axis is { } a)
        {
            node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.Type.Int, I = a });
        }

        _nodes.Add(node);
        return output;
    }
}
