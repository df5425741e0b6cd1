using RealtimeSsl.Inference.Onnx.Precision;
using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Inference.Onnx;

/// <summary>
/// Rows and columns of the feature maps of a network, from its inputs on, as far as convolutions, pools, sums and rectifiers follow each other; what comes after
/// anything else is left out.
/// </summary>
internal static class MapSizes
{
    /// <summary>Sizes by the name of the value; only of maps of a batch of one.</summary>
    public static Dictionary<string, (int Rows, int Cols)> Of(ModelGraph graph, IReadOnlyList<TrunkInput> inputs)
    {
        Dictionary<string, (int Rows, int Cols)> sizes = [];
        foreach (var (name, input) in graph.Inputs.Zip(inputs))
        {
            if (input.Shape is [1, _, var rows, var cols])
            {
                sizes[name] = (rows, cols);
            }
        }

        foreach (var node in graph.Nodes)
        {
            if (After(graph, node, sizes) is { } size)
            {
                sizes[node.Output[0]] = size;
            }
        }

        return sizes;
    }

    private static (int Rows, int Cols)? After(ModelGraph graph, NodeProto node, Dictionary<string, (int Rows, int Cols)> sizes)
    {
        if (node.Input.Count == 0 || !sizes.TryGetValue(node.Input[0], out var size))
        {
            return null;
        }

        if (ModelGraph.Is(node, "Relu", "Identity", "BatchNormalization"))
        {
            return size;
        }

        if (ModelGraph.Is(node, "Add"))
        {
            return sizes.TryGetValue(node.Input[1], out var other) && other == size ? size : null;
        }

        long[]? kernel = ModelGraph.Is(node, "Conv") && graph.Shape(node.Input[1]) is [_, _, var high, var wide] ? [high, wide]
            : ModelGraph.Is(node, "MaxPool") ? ModelGraph.Attribute(node, "kernel_shape", []) : null;
        if (kernel is not [_, _] || ModelGraph.Attribute(node, "ceil_mode", 0) != 0 || node.Attribute.Any(a => a.Name == "auto_pad" && a.S.ToStringUtf8() != "NOTSET"))
        {
            return null;
        }

        return (Axis(0, size.Rows), Axis(1, size.Cols));

        int Axis(int axis, int length)
        {
            var pads = ModelGraph.Attribute(node, "pads", [0, 0, 0, 0]);
            var reach = ModelGraph.Attribute(node, "dilations", [1, 1])[axis] * (kernel[axis] - 1) + 1;
            return (int)((length + pads[axis] + pads[axis + 2] - reach) / ModelGraph.Attribute(node, "strides", [1, 1])[axis] + 1);
        }
    }
}
