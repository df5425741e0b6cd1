namespace RealtimeSsl.Training.Import;

/// <summary>Numbers that lie together in a checkpoint; several tensors may be views of one storage.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Type of its numbers.</param>
/// <param name="Count">Numbers that it has, views included.</param>
/// <param name="View">First number of the view, and how many there are in it: (0, Count) for the whole.</param>
internal sealed record TensorStorage(string Key, TensorType Type, long Count, (long First, long Count) View);

/// <summary>A tensor of a checkpoint: what it is and where it lies. Its numbers stay in the file until <see cref="Checkpoint.Read"/>.</summary>
public sealed class CheckpointTensor
{
    private const int MostDimensions = 16;

    private CheckpointTensor(TensorStorage storage, long offset, int[] shape, long[] strides, long count) =>
        (Storage, Offset, Shape, Strides, Count) = (storage, offset, shape, strides, count);

    /// <summary>Type of its numbers.</summary>
    public TensorType Type => Storage.Type;

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Numbers in it: at most as many as its storage has.</summary>
    public long Count { get; }

    /// <summary>What it is a view of.</summary>
    internal TensorStorage Storage { get; }

    /// <summary>Its first number in the storage.</summary>
    internal long Offset { get; }

    /// <summary>Numbers from one index to the next, for each dimension.</summary>
    internal long[] Strides { get; }

    /// <summary>Numbers from the first to the last, both counted.</summary>
    internal long Span => Count == 0 ? 0 : 1 + Shape.Zip(Strides).Sum(d => (d.First - 1) * d.Second);

    /// <summary>Whether the numbers lie row by row without gaps.</summary>
    internal bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var d = Shape.Count - 1; d >= 0; d--)
            {
                if (Shape[d] != 1 && Strides[d] != expected)
                {
                    return false;
                }

                expected *= Shape[d];
            }

            return true;
        }
    }

    /// <summary>Makes a tensor, or says why there is none such.</summary>
    /// <param name="storage">What it is a view of.</param>
    /// <param name="offset">Its first number.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="strides">Strides, in numbers; null for rows without gaps.</param>
    /// <param name="tensor">The tensor.</param>
    /// <returns>Null, or the reason.</returns>
    internal static string? Make(TensorStorage storage, long offset, long[] shape, long[]? strides, out CheckpointTensor tensor)
    {
        tensor = null!;
        strides ??= RowMajor(shape);
        var text = $"a tensor [{string.Join(",", shape.Take(MostDimensions))}]";
        if (shape.Length > MostDimensions || strides.Length != shape.Length)
        {
            return $"{text} of {shape.Length} dimensions with {strides.Length} strides";
        }

        if (shape.Any(s => s is < 0 or > int.MaxValue) || strides.Any(s => s < 0) || offset < 0)
        {
            return $"{text} with strides [{string.Join(",", strides)}] at {offset}";
        }

        // 128 bits: neither 16 sizes of 31 bits, one after the other, nor a stride of 63 bits may wrap around and look small.
        Int128 count = 1, last = offset;
        for (var d = 0; d < shape.Length; d++)
        {
            count = count > storage.View.Count ? count : count * shape[d];
            last += (Int128)(shape[d] - 1) * strides[d];
        }

        count = shape.Contains(0) ? 0 : count;
        if (count > storage.View.Count || (count > 0 && last >= storage.View.Count))
        {
            return $"{text} with strides [{string.Join(",", strides)}] at {offset} does not fit into its storage '{storage.Key}' of {storage.View.Count} numbers";
        }

        tensor = new CheckpointTensor(storage, offset, Array.ConvertAll(shape, s => (int)s), strides, (long)count);
        return null;
    }

    private static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        var next = 1L;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = next;
            next = unchecked(next * Math.Max(1, shape[d]));
        }

        return strides;
    }
}
