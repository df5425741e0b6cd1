using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>Reads and writes a tensor's elements in place, in the order of its dimensions whatever the order in memory.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private Tensor? tensor;
    private readonly T* data;
    private readonly long[] shape, strides;
    private readonly bool contiguous;

    internal TensorAccessor(Tensor tensor)
    {
        var info = tensor.Info;
        data = (T*)info.Data;
        (this.tensor, contiguous) = (tensor, info.Contiguous);
        (shape, strides) = (info.Shape.ToArray(), info.Stride.ToArray());
    }

    public long Count => tensor?.numel() ?? 0;
    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => Alive()[Offset(indices)];
        set => Alive()[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array.AsSpan());
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        var part = array.Slice(arrayIndex, Math.Max(count, 0));
        if (contiguous)
        {
            new ReadOnlySpan<T>(Alive() + tensorIndex, part.Length).CopyTo(part);
        }
        else
        {
            for (var k = 0; k < part.Length; k++)
            {
                part[k] = Alive()[Linear(tensorIndex + k)];
            }
        }
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        var part = array.Slice(arrayIndex, Math.Max(count, 0));
        for (var k = 0; k < part.Length; k++)
        {
            Alive()[contiguous ? tensorIndex + k : Linear(tensorIndex + k)] = part[k];
        }
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long k = 0, count = Count; k < count; k++)
        {
            yield return At(k);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => tensor = null;

    private T At(long k) => Alive()[contiguous ? k : Linear(k)];

    private T* Alive() => tensor is { IsInvalid: false } ? data : throw new ObjectDisposedException(nameof(TensorAccessor<T>));

    /// <summary>One index counts through all dimensions, as in the real package.</summary>
    private long Offset(long[] indices)
    {
        if (indices.Length == 1)
        {
            return indices[0] < 0 || indices[0] >= Count ? throw new ArgumentOutOfRangeException(nameof(indices)) : contiguous ? indices[0] : Linear(indices[0]);
        }
        long offset = 0;
        for (var d = 0; d < indices.Length; d++)
        {
            offset += indices[d] < 0 || indices[d] >= shape[d] ? throw new ArgumentOutOfRangeException(nameof(indices)) : indices[d] * strides[d];
        }
        return offset;
    }

    private long Linear(long k)
    {
        long offset = 0;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            (k, var at) = Math.DivRem(k, shape[d]);
            offset += at * strides[d];
        }
        return offset;
    }
}

internal static class ElementTypes
{
    public static void Check<T>(ScalarType type)
    {
        if (type is ScalarType.Byte && typeof(T) != typeof(byte)
            || type is ScalarType.Int8 && typeof(T) != typeof(sbyte)
            || type is ScalarType.Int16 && typeof(T) != typeof(short)
            || type is ScalarType.Int32 && typeof(T) != typeof(int)
            || type is ScalarType.Int64 && typeof(T) != typeof(long)
            || type is ScalarType.Bool && typeof(T) != typeof(bool)
            || type is ScalarType.Float16 && typeof(T) != typeof(Half)
            || type is ScalarType.Float32 && typeof(T) != typeof(float)
            || type is ScalarType.Float64 && typeof(T) != typeof(double)
            || type is ScalarType.BFloat16)
        {
            throw new ArgumentException($"{typeof(T).Name} is not compatible with {type}");
        }
    }

    public static ScalarType Of<T>() =>
        typeof(T) == typeof(float) ? ScalarType.Float32
        : typeof(T) == typeof(double) ? ScalarType.Float64
        : typeof(T) == typeof(long) ? ScalarType.Int64
        : typeof(T) == typeof(int) ? ScalarType.Int32
        : typeof(T) == typeof(short) ? ScalarType.Int16
        : typeof(T) == typeof(sbyte) ? ScalarType.Int8
        : typeof(T) == typeof(byte) ? ScalarType.Byte
        : typeof(T) == typeof(bool) ? ScalarType.Bool
        : throw new NotSupportedException($"The type {typeof(T).FullName} is not supported.");
}
