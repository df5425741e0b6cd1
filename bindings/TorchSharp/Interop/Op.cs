using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp.Interop;

/// <summary>An argument of an operator, from whatever type it has on our side. Null is the operator's None; <see cref="Default"/> its default.</summary>
internal readonly struct Arg
{
    public readonly Tag Tag;
    public readonly object? Object;
    public readonly long Bits;

    private Arg(Tag tag, object? o = null, long bits = 0) => (Tag, Object, Bits) = (tag, o, bits);

    public static Arg Default => default;
    public static Arg None => new(Tag.None);

    public static implicit operator Arg(torch.Tensor? value) => value is null ? None : new(Tag.Tensor, value);
    public static implicit operator Arg(long value) => new(Tag.Int, null, value);
    public static implicit operator Arg(int value) => new(Tag.Int, null, value);
    public static implicit operator Arg(bool value) => new(Tag.Bool, null, value ? 1 : 0);
    public static implicit operator Arg(double value) => new(Tag.Double, null, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(long? value) => value is { } v ? v : None;
    public static implicit operator Arg(bool? value) => value is { } v ? v : None;
    public static implicit operator Arg(double? value) => value is { } v ? v : None;
    public static implicit operator Arg(torch.ScalarType value) => (long)value;
    public static implicit operator Arg(torch.ScalarType? value) => value is { } v ? v : None;
    public static implicit operator Arg(string? value) => value is null ? None : new(Tag.String, value);
    public static implicit operator Arg(long[]? value) => value is null ? None : new(Tag.IntList, value);
    public static implicit operator Arg(double[]? value) => value is null ? None : new(Tag.DoubleList, value);
    public static implicit operator Arg(torch.Tensor?[] value) => new(Tag.TensorList, value);
    public static implicit operator Arg(torch.Generator? value) => value is null ? None : new(Tag.Generator, value);
    public static implicit operator Arg(torch.Device? value) => value is null ? None : new(Tag.Device, value);
    public static implicit operator Arg(Scalar? value) => value is null ? None : value.ToArg();
}

/// <summary>Calls libtorch's operators by their names in its schemas ("add.Tensor" is aten::add, overload Tensor). Results belong to the scope of the caller.</summary>
internal static unsafe class Op
{
    private static readonly ConcurrentDictionary<string, nint> Known = new(StringComparer.Ordinal);

    public static torch.Tensor Call(string op, params ReadOnlySpan<Arg> args)
    {
        Span<Value> results = stackalloc Value[1];
        Run(op, args, results);
        return Take(results[0]);
    }

    public static (torch.Tensor, torch.Tensor) Two(string op, params ReadOnlySpan<Arg> args)
    {
        Span<Value> results = stackalloc Value[2];
        Run(op, args, results);
        return (Take(results[0]), Take(results[1]));
    }

    public static torch.Tensor[] Three(string op, params ReadOnlySpan<Arg> args)
    {
        Span<Value> results = stackalloc Value[3];
        Run(op, args, results);
        return [Take(results[0]), Take(results[1]), Take(results[2])];
    }

    public static torch.Tensor[] List(string op, params ReadOnlySpan<Arg> args)
    {
        Span<Value> results = stackalloc Value[1];
        Run(op, args, results);
        // The shim's buffer is this thread's, until its next call.
        return [.. new ReadOnlySpan<nint>((void*)results[0].Bits, results[0].Count).ToArray().Select(static h => new torch.Tensor(h))];
    }

    public static bool Flag(string op, params ReadOnlySpan<Arg> args)
    {
        Span<Value> results = stackalloc Value[1];
        Run(op, args, results);
        return results[0].Bits != 0;
    }

    /// <summary>For operators that write into an argument.</summary>
    public static void Do(string op, params ReadOnlySpan<Arg> args) => Run(op, args, []);

    private static torch.Tensor Take(Value result) =>
        result is { Tag: Tag.Tensor, Bits: not 0 } ? new torch.Tensor((nint)result.Bits) : throw new InvalidOperationException("the operator gave no tensor");

    private static nint Find(string op) => Known.GetOrAdd(op, static op =>
    {
        var dot = op.IndexOf('.', StringComparison.Ordinal);
        Native.Check(Native.op_find("aten::" + (dot < 0 ? op : op[..dot]), dot < 0 ? "" : op[(dot + 1)..], out var found));
        return found;
    });

    private static void Run(string op, ReadOnlySpan<Arg> args, Span<Value> results)
    {
        var values = stackalloc Value[args.Length];
        // Short lists travel on the stack.
        var pool = stackalloc long[Pool];
        var rest = new Span<long>(pool, Pool);
        List<object>? pinned = null;
        for (var k = 0; k < args.Length; k++)
        {
            ref readonly var arg = ref args[k];
            ref var value = ref values[k];
            (value.Tag, value.Count, value.Bits) = (arg.Tag, 0, arg.Bits);
            switch (arg.Object)
            {
                case null:
                    break;
                case torch.Tensor tensor:
                    value.Bits = tensor.Handle;
                    break;
                case long[] list:
                    list.CopyTo(Room(list.Length, ref rest, ref pinned, ref value));
                    break;
                case double[] list:
                    list.CopyTo(MemoryMarshal.Cast<long, double>(Room(list.Length, ref rest, ref pinned, ref value)));
                    break;
                case torch.Tensor?[] list:
                    var handles = Room(list.Length, ref rest, ref pinned, ref value);
                    for (var i = 0; i < list.Length; i++)
                    {
                        handles[i] = list[i]?.Handle ?? 0;
                    }
                    break;
                case string text:
                    var utf8 = Encoding.UTF8.GetBytes(text);
                    utf8.CopyTo(MemoryMarshal.AsBytes(Room((utf8.Length + 7) / 8, ref rest, ref pinned, ref value)));
                    value.Count = utf8.Length;
                    break;
                case torch.Generator generator:
                    value.Bits = generator.Handle;
                    break;
                case torch.Device device:
                    (value.Bits, value.Count) = ((long)device.type, device.index);
                    break;
            }
        }
        nint message;
        fixed (Value* r = results)
        {
            message = Native.op_call(Find(op), values, args.Length, r, results.Length);
        }
        GC.KeepAlive(pinned);
        foreach (ref readonly var arg in args)
        {
            GC.KeepAlive(arg.Object);
        }
        Native.Check(message);
    }

    private const int Pool = 48;

    private static Span<long> Room(int length, ref Span<long> rest, ref List<object>? pinned, ref Value value)
    {
        Span<long> room;
        if (length <= rest.Length)
        {
            room = rest[..length];
            rest = rest[length..];
        }
        else
        {
            var array = GC.AllocateUninitializedArray<long>(length, pinned: true);
            (pinned ??= []).Add(array);
            room = array;
        }
        value.Bits = (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room));
        value.Count = length;
        return room;
    }
}
