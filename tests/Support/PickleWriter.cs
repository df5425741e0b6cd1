using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace RealtimeSsl.Tests.Support;

/// <summary>Numbers that lie together in a checkpoint.</summary>
public sealed record TorchStorage(string Type, int ItemSize, byte[] Bytes)
{
    public int Count => Bytes.Length / ItemSize;

    public static TorchStorage Floats(params float[] values) => new("FloatStorage", 4, MemoryMarshal.AsBytes<float>(values).ToArray());
}

/// <summary>A tensor of a checkpoint: a view of a storage.</summary>
public sealed record TorchTensor(TorchStorage Storage, int[] Shape, long[]? Strides = null, long Offset = 0)
{
    public bool IsParameter { get; init; }

    public static TorchTensor Of(int[] shape, float[] values) => new(TorchStorage.Floats(values), shape);

    /// <summary>num_batches_tracked.</summary>
    public static TorchTensor Counter(long value) => new(new TorchStorage("LongStorage", 8, BitConverter.GetBytes(value)), []);

    public static TorchTensor Normal(Random random, params int[] shape) =>
        Of(shape, [.. Enumerable.Range(0, shape.Aggregate(1, (n, d) => n * d)).Select(_ => random.NextSingle() - 0.5f)]);
}

/// <summary>A dictionary of a checkpoint; a state_dict is an OrderedDict with the attribute _metadata.</summary>
public sealed class TorchDict : List<(object? Key, object? Value)>
{
    public bool IsStateDict { get; init; }

    public void Add(string key, object? value) => Add((key, value));

    public static TorchDict State(IEnumerable<KeyValuePair<string, TorchTensor>> tensors)
    {
        var dict = new TorchDict { IsStateDict = true };
        dict.AddRange(tensors.Select(t => ((object?)t.Key, (object?)t.Value)));
        return dict;
    }
}

/// <summary>numpy.float64, such as a best score: reduced, with bytes as protocol 2 writes them.</summary>
public sealed record NumpyDouble(double Value);

/// <summary>Opcodes put in as they are.</summary>
public sealed record RawPickle(byte[] Opcodes);

/// <summary>
/// Writes pickles of protocol 2 as Python's pickler does for torch.save: memo entries numbered from 0, storages as persistent ids, tensors rebuilt by
/// _rebuild_tensor_v2, OrderedDict reduced and filled, its attributes built.
/// </summary>
public sealed class PickleWriter(bool legacy)
{
    private readonly MemoryStream _out = new();
    private readonly Dictionary<string, int> _memo = [];
    private int _next;

    /// <summary>Storages in the order in which they were met; the index is the key.</summary>
    public List<TorchStorage> Storages { get; } = [];

    public static byte[] Pickle(object? value) => new PickleWriter(false).Dump(value);

    public byte[] Dump(object? value)
    {
        _out.SetLength(0);
        _memo.Clear();
        _next = 0;
        Op(0x80, 2);
        Write(value);
        Op('.');
        return _out.ToArray();
    }

    public string Key(TorchStorage storage)
    {
        var index = Storages.FindIndex(s => ReferenceEquals(s, storage));
        if (index < 0)
        {
            Storages.Add(storage);
            index = Storages.Count - 1;
        }

        return legacy ? $"{94000000 + 64 * index}" : $"{index}";
    }

    private void Write(object? value)
    {
        switch (value)
        {
            case null: Op('N'); break;
            case bool flag: Op(flag ? 0x88 : 0x89); break;
            case int or long: Integer(Convert.ToInt64(value, null)); break;
            case double number: Double(number); break;
            case string text: Once("s" + text, () => Text(text)); break;
            case TorchTensor tensor: Tensor(tensor); break;
            case TorchDict dict: Dictionary(dict); break;
            case object?[] tuple: Tuple(tuple); break;
            case List<object?> list: List(list); break;
            case NumpyDouble number: Numpy(number.Value); break;
            case RawPickle raw: _out.Write(raw.Opcodes); break;
            default: throw new ArgumentException(value.GetType().Name);
        }
    }

    private void Tensor(TorchTensor tensor)
    {
        if (tensor.IsParameter)
        {
            Global("torch._utils", "_rebuild_parameter");
            Op('(');
        }

        var strides = tensor.Strides ?? [.. Enumerable.Range(0, tensor.Shape.Length).Select(d => tensor.Shape.Skip(d + 1).Aggregate(1L, (n, s) => n * s))];
        Global("torch._utils", "_rebuild_tensor_v2");
        Op('(');
        Op('(');
        Write("storage");
        Global("torch", tensor.Storage.Type);
        Write(Key(tensor.Storage));
        Write("cpu");
        Write(tensor.Storage.Count);
        if (legacy)
        {
            Op('N');
        }

        Op('t');
        Put();
        Op('Q');
        Write(tensor.Offset);
        Tuple([.. tensor.Shape.Select(s => (object?)s)]);
        Tuple([.. strides.Select(s => (object?)s)]);
        Op(0x89);
        Ordered();
        Op('t');
        Put();
        Op('R');
        Put();
        if (tensor.IsParameter)
        {
            Op(0x88);
            Ordered();
            Op('t');
            Put();
            Op('R');
            Put();
        }
    }

    private void Dictionary(TorchDict dict)
    {
        if (dict.IsStateDict)
        {
            Ordered();
        }
        else
        {
            Op('}');
            Put();
        }

        // Python's pickler fills in batches of 1000.
        foreach (var batch in dict.Chunk(1000))
        {
            Op('(');
            foreach (var (key, value) in batch)
            {
                Write(key);
                Write(value);
            }

            Op('u');
        }

        if (dict.IsStateDict)
        {
            Op('}');
            Put();
            Write("_metadata");
            Ordered();
            Op('(');
            Write("");
            Op('}');
            Put();
            Write("version");
            Op('K', 1);
            Op('s');
            Op('u');
            Op('s');
            Op('b');
        }
    }

    private void Ordered()
    {
        Global("collections", "OrderedDict");
        Op(')');
        Op('R');
        Put();
    }

    private void Tuple(object?[] items)
    {
        if (items.Length == 0)
        {
            Op(')');
            return;
        }

        if (items.Length > 3)
        {
            Op('(');
        }

        foreach (var item in items)
        {
            Write(item);
        }

        Op(items.Length > 3 ? 't' : 0x84 + items.Length);
        Put();
    }

    private void List(List<object?> items)
    {
        Op(']');
        Put();
        Op('(');
        items.ForEach(Write);
        Op('e');
    }

    private void Numpy(double value)
    {
        Global("numpy.core.multiarray", "scalar");
        Global("numpy", "dtype");
        Tuple(["f8", 0, 1]);
        Op('R');
        Put();
        Op('(');
        Op('K', 3);
        Write("<");
        Op('N');
        Op('N');
        Op('N');
        Integer(-1);
        Integer(-1);
        Op('K', 0);
        Op('t');
        Put();
        Op('b');
        Global("_codecs", "encode");
        Write(Encoding.Latin1.GetString(BitConverter.GetBytes(value)));
        Write("latin1");
        Op(0x86);
        Put();
        Op('R');
        Put();
        Op(0x86);
        Put();
        Op('R');
        Put();
    }

    private void Integer(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        switch (value)
        {
            case >= 0 and < 256: Op('K', (byte)value); break;
            case >= 0 and < 65536: Op('M'); _out.Write(bytes[..2]); break;
            case >= int.MinValue and <= int.MaxValue: Op('J'); _out.Write(bytes[..4]); break;
            default: Op(0x8a, 8); _out.Write(bytes); break;
        }
    }

    private void Double(double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        Op('G');
        _out.Write(bytes);
    }

    private void Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Op('X');
        _out.Write(BitConverter.GetBytes(utf8.Length));
        _out.Write(utf8);
    }

    private void Global(string module, string name) =>
        Once($"c{module}.{name}", () => _out.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n")));

    private void Once(string key, Action write)
    {
        if (_memo.TryGetValue(key, out var index))
        {
            Indexed('h', 'j', index);
            return;
        }

        write();
        _memo[key] = _next;
        Put();
    }

    private void Put() => Indexed('q', 'r', _next++);

    private void Indexed(char small, char large, int index)
    {
        if (index < 256)
        {
            Op(small, (byte)index);
        }
        else
        {
            Op(large);
            _out.Write(BitConverter.GetBytes(index));
        }
    }

    private void Op(int opcode, params ReadOnlySpan<byte> operands)
    {
        _out.WriteByte((byte)opcode);
        _out.Write(operands);
    }
}
