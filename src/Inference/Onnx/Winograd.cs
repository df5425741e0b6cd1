using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using RealtimeSsl.Inference.Onnx.Precision;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using static RealtimeSsl.Inference.Onnx.Writer.TensorProto.Types;
using Type = RealtimeSsl.Inference.Onnx.Writer.AttributeProto.Types.Type;

namespace RealtimeSsl.Inference.Onnx;

/// <summary>
/// Writes the wide 3x3 convolutions of a finished float32 network in a form that needs fewer multiplications: F(2x2, 3x3) of Lavin and Gray, Fast Algorithms for Convolutional
/// Neural Networks (CVPR 2016), with ONNX's ordinary operators. ONNX Runtime's own convolution on the CPU is near what the processor can multiply; only to multiply less helps.
/// <para>
/// Each tile d of 4x4 inputs (neighbours share two rows or columns) gives 2x2 outputs, Y = A' [(G g G') . (B' d B)] A, with 16 products per pair of channels instead of 36.
/// Every row of B' has two entries of ±1, so each of the 16 elements of B' d B is a depth-wise 2x2 convolution with stride 2; the products are one 1x1 convolution in 16 groups
/// (both stay in ONNX Runtime's blocked layout); A' M A and the way back from tiles to rows are two products with small constants.
/// </para>
/// </summary>
internal static class Winograd
{
    /// <summary>Below this many channels, in or out, the transforms cost about what the products save (64: 1.05 times as fast; 128: 1.3; 256: 1.6; 512: 1.7; docs/4-measurements.md).</summary>
    public const int LeastChannels = 128;

    /// <summary>Cells of a map above which its tiles no longer stay in the cache (128 channels at 112x112: no gain).</summary>
    public const int MostCells = 64 * 64;

    private const int Elements = 16;

    // Of each tap of the tile's four that an element reads: place and sign. B' = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1].
    private static readonly (int First, int Second, float FirstSign, float SecondSign)[] Taps = [(0, 2, 1, -1), (1, 2, 1, 1), (1, 2, -1, 1), (1, 3, 1, -1)];

    private static readonly float[][] A = [[1, 1, 1, 0], [0, 1, -1, -1]];

    /// <summary>Whether it is worth while there: measured with ONNX Runtime on x86; accelerators have ways of their own.</summary>
    public static bool Helps(DeviceChoice device) => device.Effective == Providers.Cpu && X86Base.IsSupported;

    /// <summary>The network with its wide 3x3 convolutions rewritten; the same bytes if it has none, is not float32 throughout, or cannot be read.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="model">Its content.</param>
    /// <param name="inputs">What it will be fed: the form depends on the size of the maps.</param>
    public static byte[] Apply(string file, byte[] model, IReadOnlyList<TrunkInput> inputs)
    {
        ModelGraph graph;
        try
        {
            graph = ModelGraph.Parse(file, model);
        }
        catch (InferenceException)
        {
            // With branches or of an old opset it runs as it is; if it is no model at all, ONNX Runtime says so better.
            return model;
        }

        if (graph.Precision != "fp32")
        {
            return model;
        }

        var sizes = MapSizes.Of(graph, inputs);
        List<NodeProto> nodes = [];
        var any = false;
        foreach (var node in graph.Nodes)
        {
            if (sizes.TryGetValue(node.Input.FirstOrDefault(""), out var size) && Fits(graph, node, size))
            {
                new Layer(graph, node, size, nodes).Write();
                any = true;
            }
            else
            {
                nodes.Add(node);
            }
        }

        return any ? graph.With(nodes) : model;
    }

    private static bool Fits(ModelGraph graph, NodeProto node, (int Rows, int Cols) size) =>
        ModelGraph.Is(node, "Conv")
        && graph.Shape(node.Input[1]) is [>= LeastChannels, >= LeastChannels, 3, 3] shape
        && shape[0] % Elements == 0 && shape[1] % Elements == 0 // ONNX Runtime's blocks of channels
        && graph.Floats(node.Input[1]) is not null
        && (Bias(node) is null || graph.Floats(node.Input[2]) is not null)
        && ModelGraph.Attribute(node, "group", 1) == 1
        && ModelGraph.Attribute(node, "strides", [1, 1]) is [1, 1]
        && ModelGraph.Attribute(node, "dilations", [1, 1]) is [1, 1]
        && ModelGraph.Attribute(node, "pads", [0, 0, 0, 0]) is [1, 1, 1, 1]
        && size.Rows * size.Cols <= MostCells;

    private static string? Bias(NodeProto node) => node.Input.Count > 2 && node.Input[2].Length > 0 ? node.Input[2] : null;

    /// <summary>G g G' of every filter: [16 x out, in, 1, 1], element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // It runs once or twice over millions of filters: there is nothing to be learnt first.
    internal static float[] Filters(WeightTensor weight)
    {
        var pairs = weight.Shape[0] * weight.Shape[1];
        var all = new float[Elements * pairs];
        Span<float> rows = stackalloc float[12];
        for (var p = 0; p < pairs; p++)
        {
            var g = weight.Values.AsSpan(9 * p, 9);
            for (var c = 0; c < 3; c++)
            {
                (rows[c], rows[3 + c], rows[6 + c], rows[9 + c]) = Four(g[c], g[3 + c], g[6 + c]);
            }

            for (var r = 0; r < 4; r++)
            {
                var at = 4 * r * pairs + p;
                (all[at], all[at + pairs], all[at + 2 * pairs], all[at + 3 * pairs]) = Four(rows[3 * r], rows[3 * r + 1], rows[3 * r + 2]);
            }
        }

        return all;

        // G = [1 0 0; 1/2 1/2 1/2; 1/2 -1/2 1/2; 0 0 1].
        static (float, float, float, float) Four(float a, float b, float c) => (a, (a + b + c) / 2, (a - b + c) / 2, c);
    }

    /// <summary>One convolution and what takes its place.</summary>
    private sealed class Layer(ModelGraph graph, NodeProto conv, (int Rows, int Cols) size, List<NodeProto> nodes)
    {
        private readonly (int Rows, int Cols) _tiles = ((size.Rows + 1) / 2, (size.Cols + 1) / 2);
        private readonly int _out = graph.Shape(conv.Input[1])![0];
        private readonly int _in = graph.Shape(conv.Input[1])![1];

        public void Write()
        {
            var tiles = Node("Concat", Enumerable.Range(0, Elements).Select(Element), Number("axis", 1));
            var products = Node(
                "Conv", [tiles, Stored($"{conv.Input[1]}.winograd", () => Filters(graph.Floats(conv.Input[1])!), Elements * _out, _in, 1, 1), StoredBias()],
                Numbers("kernel_shape", 1, 1), Number("group", Elements));
            var four = Node("MatMul", [Stored("winograd.back", Back, 4, Elements), Reshape(products, Elements, _out * _tiles.Rows * _tiles.Cols)]);

            // [down, across, channel, tile row, tile column]: the rows of the map follow each other, each with its even columns before its odd ones.
            var rows = Node("Transpose", [Reshape(four, 2, 2, _out, _tiles.Rows, _tiles.Cols)], Numbers("perm", 2, 3, 0, 1, 4));
            var map = Node("MatMul", [
                Reshape(rows, _out * _tiles.Rows * 2, 2 * _tiles.Cols), Stored($"winograd.columns.{size.Cols}", Columns, 2 * _tiles.Cols, size.Cols)]);
            map = Reshape(map, 1, _out, 2 * _tiles.Rows, size.Cols);
            if (size.Rows % 2 != 0)
            {
                map = Node("Slice", [map, Whole(0), Whole(size.Rows), Whole(2)]);
            }

            nodes[^1].Output[0] = conv.Output[0];
        }

        /// <summary>One element of B' d B for all tiles and channels.</summary>
        private string Element(int element)
        {
            var (down, across) = (Taps[element / 4], Taps[element % 4]);
            float[] kernel =
            [
                down.FirstSign * across.FirstSign, down.FirstSign * across.SecondSign, down.SecondSign * across.FirstSign, down.SecondSign * across.SecondSign,
            ];
            var weight = Stored($"winograd.tile.{element}.{_in}", () => [.. Enumerable.Repeat(kernel, _in).SelectMany(k => k)], _in, 1, 2, 2);
            return Node(
                "Conv", [conv.Input[0], weight], Numbers("kernel_shape", 2, 2), Numbers("strides", 2, 2), Number("group", _in),
                Numbers("dilations", down.Second - down.First, across.Second - across.First),
                Numbers("pads", 1 - down.First, 1 - across.First, After(down.Second, _tiles.Rows, size.Rows), After(across.Second, _tiles.Cols, size.Cols)));

            // Tile t begins at 2 t - 1, so the last one reads at 2 (tiles - 1) - 1 + tap.
            static int After(int tap, int tiles, int size) => Math.Max(0, 2 * tiles - 2 + tap - size);
        }

        /// <summary>The bias belongs to the element that is added, once, to all four outputs: the one at (1, 1).</summary>
        private string StoredBias() => Stored(graph.Fresh($"{conv.Input[1]}.winograd.bias"), () =>
        {
            var all = new float[Elements * _out];
            if (Bias(conv) is { } bias)
            {
                graph.Floats(bias)!.Values.CopyTo(all, 5 * _out);
            }

            return all;
        }, Elements * _out);

        /// <summary>A' M A: four outputs from 16 elements.</summary>
        private static float[] Back() =>
            [.. Enumerable.Range(0, 4 * Elements).Select(i => A[i / 32][i % Elements / 4] * A[i / Elements % 2][i % 4])];

        /// <summary>Moves even and odd columns, side by side, to their places; one that lies beyond the map, nowhere.</summary>
        private float[] Columns()
        {
            var move = new float[2 * _tiles.Cols * size.Cols];
            for (var col = 0; col < size.Cols; col++)
            {
                move[(col % 2 * _tiles.Cols + col / 2) * size.Cols + col] = 1;
            }

            return move;
        }

        private string Reshape(string x, params long[] shape) => Node("Reshape", [x, graph.Add(graph.Fresh("winograd.shape"), DataType.Int64, shape, shape.Length)]);

        private string Whole(long number) => graph.Add(graph.Fresh("winograd.number"), DataType.Int64, [number], 1);

        private string Stored(string name, Func<float[]> values, params int[] shape) =>
            graph.IsConstant(name) ? name : graph.Add(name, DataType.Float, values(), shape);

        private string Node(string type, IEnumerable<string> inputs, params AttributeProto[] attributes)
        {
            var name = graph.Fresh($"{conv.Output[0]}.winograd");
            nodes.Add(new NodeProto { OpType = type, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes } });
            return name;
        }

        private static AttributeProto Number(string name, long value) => new() { Name = name, Type = Type.Int, I = value };

        private static AttributeProto Numbers(string name, params long[] values) => new() { Name = name, Type = Type.Ints, Ints = { values } };
    }
}
