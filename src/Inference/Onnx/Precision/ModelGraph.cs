using System.Runtime.InteropServices;
using Google.Protobuf;
using RealtimeSsl.Inference.Onnx.Writer;
using static RealtimeSsl.Inference.Onnx.Writer.TensorProto.Types;

namespace RealtimeSsl.Inference.Onnx.Precision;

/// <summary>
/// A finished ONNX model, opened for a change: who makes a value, who reads it, which values are constants. What our schema does not
/// name is kept as it is.
/// </summary>
internal sealed class ModelGraph
{
    /// <summary>ONNX's own operators have one of these domains.</summary>
    private static readonly string[] Standard = ["", "ai.onnx"];

    private readonly ModelProto _model;
    private readonly Dictionary<string, TensorProto> _constants;
    private int _next;

    private ModelGraph(string file, ModelProto model)
    {
        (File, _model) = (file, model);
        _constants = Graph.Initializer.ToDictionary(t => t.Name);
        if (Nodes.SelectMany(n => n.Attribute).Any(a => a.G is not null))
        {
            throw new InferenceException($"{file}: it has branches or loops; only plain networks can be rewritten");
        }

        Producers = Nodes.SelectMany(n => n.Output, (n, o) => (n, o)).Where(p => p.o.Length > 0).ToDictionary(p => p.o, p => p.n);
        Readers = Nodes.SelectMany(n => n.Input, (n, i) => (n, i)).Distinct().ToLookup(p => p.i, p => p.n);
    }

    /// <summary>For errors.</summary>
    public string File { get; }

    /// <summary>The nodes, each after those it reads from.</summary>
    public IReadOnlyList<NodeProto> Nodes => Graph.Node;

    /// <summary>The node that makes a value.</summary>
    public IReadOnlyDictionary<string, NodeProto> Producers { get; }

    /// <summary>The nodes that read a value.</summary>
    public ILookup<string, NodeProto> Readers { get; }

    /// <summary>In which numbers it holds its weights.</summary>
    public string Precision => NetworkPrecision.Of(_model);

    /// <summary>Names of the inputs that are fed.</summary>
    public IEnumerable<string> Inputs => Graph.Input.Select(i => i.Name).Where(i => !_constants.ContainsKey(i));

    /// <summary>Names of the outputs.</summary>
    public IEnumerable<string> Outputs => Graph.Output.Select(o => o.Name);

    private GraphProto Graph => _model.Graph;

    /// <summary>Reads a model.</summary>
    /// <exception cref="InferenceException">It is no model, or not one of opset 13 or newer (quantized per channel; half everywhere).</exception>
    public static ModelGraph Parse(string file, byte[] model)
    {
        try
        {
            var proto = ModelProto.Parser.ParseFrom(model);
            var opset = proto.OpsetImport.FirstOrDefault(o => Standard.Contains(o.Domain))?.Version ?? 0;
            return proto.Graph is null || opset < 13
                ? throw new InferenceException($"{file}: it is an ONNX model of opset {opset}; export it again with opset 17")
                : new ModelGraph(file, proto);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InferenceException($"{file}: no ONNX model ({e.Message})", e);
        }
    }

    /// <summary>Whether a node is that operator of ONNX's own.</summary>
    public static bool Is(NodeProto node, params ReadOnlySpan<string> operators) => Standard.Contains(node.Domain) && operators.Contains(node.OpType);

    /// <summary>A whole number among a node's attributes.</summary>
    public static long Attribute(NodeProto node, string name, long otherwise) => node.Attribute.FirstOrDefault(a => a.Name == name)?.I ?? otherwise;

    /// <summary>A number among a node's attributes.</summary>
    public static float Attribute(NodeProto node, string name, float otherwise) => node.Attribute.FirstOrDefault(a => a.Name == name)?.F ?? otherwise;

    /// <summary>Whole numbers among a node's attributes.</summary>
    public static long[] Attribute(NodeProto node, string name, long[] otherwise) => node.Attribute.FirstOrDefault(a => a.Name == name) is { } found ? [.. found.Ints] : otherwise;

    /// <summary>Sizes of the constant of that name; null if it is none.</summary>
    public int[]? Shape(string name) => _constants.TryGetValue(name, out var tensor) ? [.. tensor.Dims.Select(d => (int)d)] : null;

    /// <summary>The float constant of that name; null if it is none.</summary>
    public WeightTensor? Floats(string name)
    {
        if (!_constants.TryGetValue(name, out var tensor) || tensor.DataType != (int)DataType.Float)
        {
            return null;
        }

        float[] values = tensor.RawData.IsEmpty ? [.. tensor.FloatData] : MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
        return new WeightTensor([.. tensor.Dims.Select(d => (int)d)], values);
    }

    /// <summary>Whether a value is a constant.</summary>
    public bool IsConstant(string name) => _constants.ContainsKey(name);

    /// <summary>A name that no value bears.</summary>
    public string Fresh(string stem)
    {
        string name;
        do
        {
            name = $"{stem}.{_next++}";
        }
        while (Producers.ContainsKey(name) || _constants.ContainsKey(name));
        return name;
    }

    /// <summary>Adds a constant.</summary>
    /// <typeparam name="T">The number's type, as <paramref name="type"/> says.</typeparam>
    public string Add<T>(string name, DataType type, T[] values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        var tensor = new TensorProto
        {
            Name = name, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(MemoryMarshal.AsBytes<T>(values).ToArray()),
        };
        foreach (var size in shape)
        {
            tensor.Dims.Add(size);
        }

        _constants.Add(name, tensor);
        return name;
    }

    /// <summary>Declares inner values outputs, too.</summary>
    public byte[] WithOutputs(IEnumerable<string> values)
    {
        var model = _model.Clone();
        model.Graph.Output.AddRange(values.Select(v => new ValueInfoProto { Name = v }));
        return model.ToByteArray();
    }

    /// <summary>The model with other nodes; constants that nobody reads any more are left out, and so are the inner values' old types.</summary>
    public byte[] With(IReadOnlyList<NodeProto> nodes)
    {
        var read = nodes.SelectMany(n => n.Input).Concat(Outputs).ToHashSet();
        var model = _model.Clone();
        model.Graph.ValueInfo.Clear();
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
        model.Graph.Initializer.Clear();
        model.Graph.Initializer.AddRange(_constants.Values.Where(t => read.Contains(t.Name)));
        return model.ToByteArray();
    }
}
