using RealtimeSsl.Inference.Onnx.Writer;
using static RealtimeSsl.Inference.Onnx.Writer.TensorProto.Types;

namespace RealtimeSsl.Inference.Onnx.Precision;

/// <summary>
/// Writes a float32 model in half precision: weights and layers in half, inputs and outputs still float32, a Cast at each edge. Layers with weights begin an area of
/// halves; what only passes, adds or rectifies follows its inputs; norms, divisions, softmax and whatever is not known stay in float32 (half ends at 65504,
/// and below 6e-8 everything is 0), as do layers whose weights or results come near that.
/// </summary>
public static class HalfPrecision
{
    /// <summary>A quarter of half's range: what was seen in calibration is not yet the most that can come.</summary>
    private const float Limit = 16384;

    private static readonly string[] Layers = ["Conv", "ConvTranspose", "Gemm", "MatMul"];

    private static readonly string[] Followers =
    [
        "Add", "Sub", "Mul", "Relu", "LeakyRelu", "PRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Clip", "MaxPool", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "Concat", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Pad", "Dropout",
    ];

    /// <summary>Followers whose inputs after the first are no floats (a shape, axes), or none that matter.</summary>
    private static readonly string[] FirstOnly = ["Reshape", "Squeeze", "Unsqueeze", "Dropout"];

    /// <summary>Converts a model.</summary>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="model">Its content.</param>
    /// <param name="seen">What was seen of its values (<see cref="CalibrationRun"/>).</param>
    /// <exception cref="InferenceException">It is no model, or nothing in it can be written in half precision.</exception>
    public static byte[] Convert(string file, byte[] model, IReadOnlyDictionary<string, ValueRange> seen)
    {
        var graph = ModelGraph.Parse(file, model);
        var nodes = new List<NodeProto>();
        var halves = new HashSet<string>();
        var converted = new Dictionary<(string Value, bool Half), string>();
        var any = false;
        foreach (var node in graph.Nodes)
        {
            var half = InHalf(node);
            any |= half && ModelGraph.Is(node, [.. Layers]);
            var copy = node.Clone();
            for (var i = 0; i < copy.Input.Count; i++)
            {
                copy.Input[i] = Input(node, i, half);
            }

            nodes.Add(copy);
            if (half)
            {
                Output(node, copy);
            }
        }

        return any ? graph.With(nodes) : throw new InferenceException($"{file}: it has no layer that can be written in half precision");

        bool InHalf(NodeProto node)
        {
            var layer = ModelGraph.Is(node, [.. Layers]) && node.Input.Skip(1).All(i => i.Length == 0 || graph.Floats(i) is not null);
            var follower = ModelGraph.Is(node, [.. Followers]) && node.Input.Any(halves.Contains) && (!FirstOnly.Contains(node.OpType) || halves.Contains(node.Input[0]));
            var fits = !seen.TryGetValue(node.Output[0], out var range) || range.Largest <= Limit;
            return fits && (follower || (layer && node.Input.Skip(1).All(i => i.Length == 0 || graph.Floats(i)!.Values.All(w => Math.Abs(w) <= Limit))));
        }

        string Input(NodeProto node, int index, bool half)
        {
            var value = node.Input[index];
            if (value.Length == 0 || halves.Contains(value) == half || (half && index > 0 && FirstOnly.Contains(node.OpType)))
            {
                return value;
            }

            if (converted.TryGetValue((value, half), out var known))
            {
                return known;
            }

            if (graph.Floats(value) is { } constant)
            {
                // A limit of Clip may be float32's largest.
                Half[] values = [.. constant.Values.Select(v => (Half)Math.Clamp(v, (float)Half.MinValue, (float)Half.MaxValue))];
                return converted[(value, half)] = graph.Add(graph.Fresh(value + ".half"), DataType.Float16, values, constant.Shape);
            }

            // Constants that are no floats are what the operator wants as they are (Pad's sizes).
            return graph.IsConstant(value) ? value : converted[(value, half)] = Cast(value, graph.Fresh(value + (half ? ".half" : ".float")), half);
        }

        void Output(NodeProto node, NodeProto copy)
        {
            var value = node.Output[0];
            halves.Add(value);
            if (graph.Outputs.Contains(value))
            {
                var inner = copy.Output[0] = graph.Fresh(value + ".half");
                converted[(value, true)] = inner;
                Cast(inner, value, half: false);
                halves.Remove(value);
            }
        }

        string Cast(string value, string output, bool half)
        {
            nodes.Add(new NodeProto
            {
                OpType = "Cast",
                Name = graph.Fresh("Cast"),
                Input = { value },
                Output = { output },
                Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.Type.Int, I = (int)(half ? DataType.Float16 : DataType.Float) } },
            });
            return output;
        }
    }
}
