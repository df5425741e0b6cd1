using System.Buffers.Binary;
using System.Collections.Frozen;

namespace RealtimeSsl.Training.Import.Pickle;

/// <summary>
/// The names that a checkpoint's pickle may use, all of them: tensors, plain containers, a few values of numpy. Each stands for code of ours that makes a
/// value; nothing of Python's, and nothing of the file's, is run.
/// </summary>
/// <param name="input">Where the pickle is read, for errors.</param>
/// <param name="budget">What its objects may cost.</param>
internal sealed class PickleWords(ByteReader input, MemoryBudget budget)
{
    private const int Object = 160;

    private static readonly FrozenDictionary<string, PickleWord> All = Words().ToFrozenDictionary(w => w.Name);

    /// <summary>Storages that the pickle named, in its order.</summary>
    public List<TensorStorage> Storages { get; } = [];

    /// <summary>The word of that name.</summary>
    /// <exception cref="ImportException">It is not on the list.</exception>
    public PickleWord Find(string module, string name)
    {
        var full = $"{module}.{name}".Replace("__builtin__.", "builtins.", StringComparison.Ordinal);
        return All.TryGetValue(full, out var word) ? word : throw Forbidden(full, "GLOBAL");
    }

    /// <summary>The error for a name that is not on the list, or is used as no checkpoint uses it.</summary>
    public ImportException Forbidden(string name, string opcode) => input.Refuse(
        $"it asks for '{(name.Length > 100 ? name[..100] + "..." : name)}' ({opcode} at byte {input.Position}). "
        + "Only tensors and plain values are read, nothing was run. "
        + (name.StartsWith("__torch__", StringComparison.Ordinal) || name.StartsWith("torch.nn.modules", StringComparison.Ordinal)
            ? "This is a whole program, not its weights: save model.state_dict() instead"
            : "If you trust where it is from, load it in PyTorch and save the state_dict alone"));

    /// <summary>Puts keys and values into a dictionary.</summary>
    public void Fill(PickleDict dict, object?[] items)
    {
        if (items.Length % 2 != 0)
        {
            throw input.Refuse($"at byte {input.Position} a key has no value: the file is damaged");
        }

        budget.Charge(48L * (1 + items.Length / 2));
        for (var i = 0; i < items.Length; i += 2)
        {
            dict.Items.Add((items[i], items[i + 1]));
        }
    }

    /// <summary>Holds that a state is given to something that has one.</summary>
    public void CheckState(object? owner)
    {
        if (owner is not (PickleDict or PickleOpaque or CheckpointTensor))
        {
            throw Forbidden(owner is PickleWord word ? word.Name : "an object", "BUILD");
        }
    }

    /// <summary>
    /// A storage by its persistent id: ('storage', type, key, location, count) and, in the legacy layout, None or (key, first, count) of a view.
    /// </summary>
    public object Storage(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", PickleTypeWord type, string key, _, long count, ..] items } || count < 0)
        {
            throw input.Refuse($"at byte {input.Position} a persistent id that is no storage: the file is damaged, or not of torch.save");
        }

        budget.Charge(Object);
        var view = items.Length > 5 && items[5] is PickleTuple { Items: [_, long first, long length] } ? (First: first, Count: length) : (First: 0L, Count: count);
        if (view.First < 0 || view.Count < 0 || view.First > count || view.Count > count - view.First)
        {
            throw input.Refuse($"at byte {input.Position} a view from {view.First} of {view.Count} numbers in a storage of {count}");
        }

        var storage = new TensorStorage(key, type.Type ?? TensorType.U8, count, view);
        Storages.Add(storage);
        return storage;
    }

    private static IEnumerable<PickleWord> Words()
    {
        (string Storage, string[] Types, TensorType Type)[] numbers =
        [
            ("Float", ["float32", "float"], TensorType.F32), ("Double", ["float64", "double"], TensorType.F64),
            ("Half", ["float16", "half"], TensorType.F16), ("BFloat16", ["bfloat16"], TensorType.BF16),
            ("Long", ["int64", "long"], TensorType.I64), ("Int", ["int32", "int"], TensorType.I32),
            ("Short", ["int16", "short"], TensorType.I16), ("Char", ["int8"], TensorType.I8),
            ("Byte", ["uint8"], TensorType.U8), ("Bool", ["bool"], TensorType.Bool),
        ];
        foreach (var (storage, types, type) in numbers)
        {
            yield return new PickleTypeWord($"torch.{storage}Storage", type);
            yield return new PickleTypeWord($"torch.cuda.{storage}Storage", type);
            foreach (var name in types)
            {
                yield return new PickleTypeWord("torch." + name, type);
            }
        }

        yield return new PickleTypeWord("torch.storage.UntypedStorage", null);
        yield return new PickleTypeWord("torch.UntypedStorage", null);

        foreach (var name in (string[])["torch.Tensor", "torch.nn.parameter.Parameter", "numpy.ndarray", "builtins.int", "builtins.float", "builtins.list",
            "builtins.dict", "builtins.object"])
        {
            yield return new PickleWord(name);
        }

        foreach (var name in (string[])["torch.device", "builtins.set", "builtins.frozenset", "numpy.core.multiarray._reconstruct",
            "numpy._core.multiarray._reconstruct"])
        {
            yield return new PickleWord(name, (words, _) => words.Charged(new PickleOpaque(name)));
        }

        yield return new("torch._utils._rebuild_tensor", (words, a) => words.Tensor(a, 4));
        yield return new("torch._utils._rebuild_tensor_v2", (words, a) => words.Tensor(a, 4));
        yield return new("torch._utils._rebuild_tensor_v3", (words, a) => words.Tensor(a, 7));
        yield return new("torch._utils._rebuild_parameter", (words, a) => words.Parameter(a));
        yield return new("torch._utils._rebuild_parameter_with_state", (words, a) => words.Parameter(a));
        yield return new("torch._tensor._rebuild_from_type_v2", (words, a) => words.FromType(a));
        yield return new("torch.Size", (words, a) => a is [PickleTuple size] ? size : throw words.Arguments("torch.Size"));
        yield return new("collections.OrderedDict", (words, a) => words.Dictionary(a.ElementAtOrDefault(0)));
        yield return new("collections.Counter", (words, a) => words.Dictionary(a.ElementAtOrDefault(0)));
        yield return new("collections.defaultdict", (words, _) => words.Dictionary(null));
        yield return new("argparse.Namespace", (words, _) => words.Dictionary(null));
        yield return new("numpy.dtype", (words, a) => words.Charged(new PickleOpaque(a.FirstOrDefault() as string ?? "numpy.dtype")));
        yield return new("numpy.core.multiarray.scalar", (_, a) => NumpyScalar(a));
        yield return new("numpy._core.multiarray.scalar", (_, a) => NumpyScalar(a));

        // Protocol 2 has no bytes: Python 3 writes them as text of the same numbers.
        yield return new("_codecs.encode", (words, a) => words.Encode(a));
        yield return new("builtins.bytes", (words, a) => a.Length == 0 ? Array.Empty<byte>() : throw words.Arguments("bytes"));
    }

    private CheckpointTensor Tensor(object?[] arguments, int needed)
    {
        if (arguments.Length < needed || arguments is not [TensorStorage storage, long offset, PickleTuple size, PickleTuple stride, ..])
        {
            throw Arguments("a tensor");
        }

        budget.Charge(Object + 32L * (size.Items.Length + stride.Items.Length));
        if (needed == 7)
        {
            // v3: an untyped storage, and the type of its numbers apart.
            var type = (arguments[6] as PickleTypeWord)?.Type ?? throw Arguments("a tensor");
            var bytes = TensorTypes.Size(type);
            storage = new TensorStorage(storage.Key, type, storage.Count / bytes, (storage.View.First / bytes, storage.View.Count / bytes));
        }

        return CheckpointTensor.Make(storage, offset, Numbers(size), Numbers(stride), out var tensor) is { } reason
            ? throw input.Refuse($"{reason}: the file is damaged")
            : tensor;
    }

    private long[] Numbers(PickleTuple tuple) =>
        [.. tuple.Items.Select(i => i is long number ? number : throw Arguments("a tensor's shape"))];

    private CheckpointTensor Parameter(object?[] arguments) =>
        arguments.Length > 0 && arguments[0] is CheckpointTensor tensor ? tensor : throw Arguments("a parameter");

    /// <summary>(function, type, arguments, state): a tensor that has attributes.</summary>
    private object? FromType(object?[] arguments) =>
        arguments is [PickleWord { Name: "torch._utils._rebuild_tensor_v2", Call: { } call }, PickleWord, PickleTuple inner, ..]
            ? call(this, inner.Items)
            : throw Arguments("a tensor");

    private PickleDict Dictionary(object? items)
    {
        var dict = Charged(new PickleDict());
        foreach (var pair in (items as PickleList)?.Items ?? [])
        {
            // Python 2 writes an OrderedDict as a list of lists.
            Fill(dict, pair switch
            {
                PickleList { Items: [var key, var value] } => [key, value],
                PickleTuple { Items: [var key, var value] } => [key, value],
                _ => throw Arguments("OrderedDict"),
            });
        }

        return dict;
    }

    private byte[] Encode(object?[] arguments)
    {
        if (arguments is not [string text, "latin1" or "latin-1"])
        {
            throw Arguments("_codecs.encode");
        }

        budget.Charge(text.Length + 24);
        return System.Text.Encoding.Latin1.GetBytes(text);
    }

    /// <summary>numpy's float64 and the like, such as a best score.</summary>
    private static object? NumpyScalar(object?[] arguments) => arguments switch
    {
        [PickleOpaque { What: "f8" }, byte[] { Length: 8 } bytes] => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        [PickleOpaque { What: "f4" }, byte[] { Length: 4 } bytes] => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        [PickleOpaque { What: "i8" }, byte[] { Length: 8 } bytes] => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => null,
    };

    private T Charged<T>(T value)
    {
        budget.Charge(Object);
        return value;
    }

    private ImportException Arguments(string what) => input.Refuse($"at byte {input.Position} {what} is made in no way that is known: the file is damaged");
}
