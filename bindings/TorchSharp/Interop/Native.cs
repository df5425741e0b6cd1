using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>enum Tag of shim.cpp.</summary>
internal enum Tag
{
    Default,
    None,
    Tensor,
    Int,
    Double,
    Bool,
    IntList,
    DoubleList,
    BoolList,
    TensorList,
    String,
    Generator,
    Device,
}

/// <summary>struct Value of shim.cpp: one argument or result. Bits is a number, a handle or the address of a list.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Value
{
    public Tag Tag;
    public int Count;
    public long Bits;
}

/// <summary>struct Info of shim.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Info
{
    public long* Sizes, Strides;
    public byte* Data;
    public long Dims, Numel, ElementSize;
    public int DType, Device, Index, Flags;

    public readonly ReadOnlySpan<long> Shape => new(Sizes, (int)Dims);
    public readonly ReadOnlySpan<long> Stride => new(Strides, (int)Dims);
    public readonly bool RequiresGrad => (Flags & 1) != 0;
    public readonly bool Contiguous => (Flags & 2) != 0;
}

/// <summary>The shim's functions (bindings/native/torch). What returns an address returns null or a message.</summary>
internal static unsafe partial class Native
{
    private const string Lib = "realtimessl_torch";

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, static (name, assembly, path) =>
        NativeLibrary.TryLoad(name, assembly, path, out var handle) || name != Lib
            ? handle
            : throw new DllNotFoundException(
                "training needs libtorch, and its shim is not built or cannot be loaded: ./realtimessl train installs and builds what is missing "
                + "(or: apt-get install g++ libtorch-dev libopenblas0-openmp, and build again)"));

    /// <summary>Turns a message of the shim into the exception that the real package throws.</summary>
    public static void Check(nint message)
    {
        if (message != 0)
        {
            throw new ExternalException(Marshal.PtrToStringUTF8(message));
        }
    }

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint op_find(string name, string overload, out nint op);
    [LibraryImport(Lib)] public static partial nint op_call(nint op, Value* args, int count, Value* results, int room);

    // Reads a few fields and cannot fail or wait: no need to leave the runtime for it.
    [LibraryImport(Lib), SuppressGCTransition] public static partial void tensor_info(nint handle, out Info info);
    [LibraryImport(Lib)] public static partial void tensor_release(nint handle);
    [LibraryImport(Lib)] public static partial nint tensor_share(nint handle);
    [LibraryImport(Lib)] public static partial nint tensor_set_requires_grad(nint handle, int on);
    [LibraryImport(Lib)] public static partial nint tensor_is_leaf(nint handle, out int flags);
    [LibraryImport(Lib)] public static partial nint tensor_retain_grad(nint handle);
    [LibraryImport(Lib)] public static partial nint tensor_grad(nint handle, out nint grad);
    [LibraryImport(Lib)] public static partial nint tensor_set_grad(nint handle, nint grad);

    [LibraryImport(Lib)] public static partial nint autograd_backward(
        ReadOnlySpan<nint> tensors, int count, ReadOnlySpan<nint> grads, int gradCount, int retain, int create, ReadOnlySpan<nint> inputs, int inputCount);
    [LibraryImport(Lib)] public static partial nint autograd_grad(
        ReadOnlySpan<nint> outputs, int count, ReadOnlySpan<nint> inputs, int inputCount, ReadOnlySpan<nint> grads, int gradCount, int retain, int create, int unused, Span<nint> results);

    [LibraryImport(Lib)] public static partial int grad_enabled();
    [LibraryImport(Lib)] public static partial void set_grad_enabled(int on);
    [LibraryImport(Lib)] public static partial int inference_enabled();
    [LibraryImport(Lib)] public static partial nint inference_enter(int on);
    [LibraryImport(Lib)] public static partial void inference_leave(nint guard);

    [LibraryImport(Lib)] public static partial nint generator_new(long seed, out nint generator);
    [LibraryImport(Lib)] public static partial nint generator_default(out nint generator);
    [LibraryImport(Lib)] public static partial void generator_delete(nint generator);
    [LibraryImport(Lib)] public static partial nint generator_seed(nint generator, long seed);
    [LibraryImport(Lib)] public static partial nint generator_reseed(nint generator, out long seed);
    [LibraryImport(Lib)] public static partial long generator_initial_seed(nint generator);
    [LibraryImport(Lib)] public static partial nint generator_state(nint generator, out nint state);
    [LibraryImport(Lib)] public static partial nint generator_set_state(nint generator, nint state);
    [LibraryImport(Lib)] public static partial nint manual_seed(long seed);

    [LibraryImport(Lib)] public static partial nint set_threads(int count);
    [LibraryImport(Lib)] public static partial int get_threads();
    [LibraryImport(Lib)] public static partial nint set_interop_threads(int count);
    [LibraryImport(Lib)] public static partial int get_interop_threads();
}
