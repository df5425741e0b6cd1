using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RealtimeSsl.Training.Data;

/// <summary>
/// For each picture (or sound) of a catalogue those that are most like it by some encoder's embeddings: where hard positives (HardPos, ICASSP 2022)
/// and SSLalign's "conceptually similar" views come from. Likeness is the cosine; an item is not its own neighbour.
/// </summary>
public sealed class Neighbours
{
    private const ulong Magic = 0x3148424E4C535352; // "RSSLNBH1"
    private readonly int[] _lists;

    private Neighbours(int count, int k, int[] lists) => (Count, K, _lists) = (count, k, lists);

    /// <summary>Items of the catalogue.</summary>
    public int Count { get; }

    /// <summary>Neighbours of each.</summary>
    public int K { get; }

    /// <summary>Finds them, all against all: count x count x dimension multiplications on all cores.</summary>
    /// <param name="embeddings">Count x dimension, row-major; need not be normalised.</param>
    /// <param name="dimension">Length of an embedding.</param>
    /// <param name="k">How many; at most all others.</param>
    /// <param name="token">Gives up.</param>
    public static Neighbours Of(ReadOnlyMemory<float> embeddings, int dimension, int k, CancellationToken token = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(embeddings.Length % dimension, 0, nameof(embeddings));
        var count = embeddings.Length / dimension;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        k = Math.Clamp(k, 1, count - 1);
        var unit = embeddings.ToArray();
        for (var i = 0; i < count; i++)
        {
            var row = unit.AsSpan(i * dimension, dimension);
            TensorPrimitives.Divide(row, Math.Max(TensorPrimitives.Norm(row), 1e-12f), row);
        }

        var lists = new int[(long)count * k];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = token };
        Parallel.For(0, count, parallel, () => (new float[count], new int[count]), (i, _, scratch) =>
        {
            var (likeness, items) = scratch;
            for (var j = 0; j < count; j++)
            {
                // Descending, and equals in their order: sorted by the negative. Itself goes last.
                likeness[j] = j == i ? float.MaxValue
                    : -TensorPrimitives.Dot(unit.AsSpan(i * dimension, dimension), unit.AsSpan(j * dimension, dimension));
                items[j] = j;
            }

            Array.Sort(likeness, items);
            Array.Copy(items, 0, lists, (long)i * k, k);
            return scratch;
        }, _ => { });
        return new Neighbours(count, k, lists);
    }

    /// <summary>The neighbours of an item, the most similar first.</summary>
    public ReadOnlySpan<int> this[int item] => _lists.AsSpan(item * K, K);

    /// <summary>One of them, all equally likely.</summary>
    public int Draw(int item, ref SeededRandom random) => _lists[item * K + random.Below(K)];

    /// <summary>Writes them to a file, whole or not at all.</summary>
    public void Save(string path)
    {
        var part = path + ".part";
        using (var file = new BinaryWriter(File.Create(part)))
        {
            file.Write(Magic);
            file.Write(Count);
            file.Write(K);
            file.Write(MemoryMarshal.AsBytes<int>(_lists));
        }

        File.Move(part, path, overwrite: true);
    }

    /// <summary>Reads them back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="count">Items of the catalogue that they are for.</param>
    /// <exception cref="TrainingDataException">The file is none, is damaged, or is for another catalogue.</exception>
    public static Neighbours Load(string path, int count)
    {
        try
        {
            using var file = new BinaryReader(File.OpenRead(path));
            var (magic, items, k) = (file.ReadUInt64(), file.ReadInt32(), file.ReadInt32());
            if (magic != Magic || items < 2 || k < 1 || k >= items || file.BaseStream.Length != 16 + 4L * items * k)
            {
                throw new TrainingDataException($"{path}: is no list of neighbours, or is damaged; make it anew");
            }

            if (items != count)
            {
                throw new TrainingDataException($"{path}: is for {items} items, and here are {count}; make it anew");
            }

            var lists = new int[(long)items * k];
            file.BaseStream.ReadExactly(MemoryMarshal.AsBytes(lists.AsSpan()));
            return Array.TrueForAll(lists, i => i >= 0 && i < items)
                ? new Neighbours(items, k, lists)
                : throw new TrainingDataException($"{path}: is damaged; make it anew");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingDataException($"{path}: cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }
}
