using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// The element of a rank without sorting: one histogram of a map serves every threshold that is taken from it; only the few values of one bin are
/// sorted. For maps of one size at most; allocates nothing per map. For one thread.
/// </summary>
/// <param name="capacity">The most values of a map.</param>
public sealed class RankSelector(int capacity)
{
    private const int Bins = 2048;
    private readonly int[] _histogram = new int[4 * Bins];
    private readonly int[] _bin = new int[capacity];
    private readonly float[] _values = new float[capacity];
    private int _count;

    /// <summary>The least value of the map.</summary>
    public float Low { get; private set; }

    /// <summary>The greatest value of the map.</summary>
    public float High { get; private set; }

    /// <summary>Takes a map; it must stay as it is until the last <see cref="At"/>.</summary>
    /// <param name="map">Finite values.</param>
    public void Load(ReadOnlySpan<float> map)
    {
        _count = map.Length;
        (Low, High) = (TensorPrimitives.Min(map), TensorPrimitives.Max(map));
        Array.Clear(_histogram);
        Place(map);

        // Neighbours of a smooth map fall into the same bin: four histograms, so that an addition need not wait for the last one.
        var i = 0;
        for (; i <= _count - 4; i += 4)
        {
            _histogram[_bin[i]]++;
            _histogram[Bins + _bin[i + 1]]++;
            _histogram[2 * Bins + _bin[i + 2]]++;
            _histogram[3 * Bins + _bin[i + 3]]++;
        }

        for (; i < _count; i++)
        {
            _histogram[_bin[i]]++;
        }

        for (var b = 0; b < Bins; b++)
        {
            _histogram[b] += _histogram[Bins + b] + _histogram[2 * Bins + b] + _histogram[3 * Bins + b];
        }
    }

    /// <summary>The value at a place of the sorted map.</summary>
    /// <param name="map">The map of the last <see cref="Load"/>.</param>
    /// <param name="rank">0 is the least value's.</param>
    public float At(ReadOnlySpan<float> map, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(map.Length, _count);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, _count);
        var bin = 0;
        while (rank >= _histogram[bin])
        {
            rank -= _histogram[bin++];
        }

        // What is in the bin, found at the speed of the vector unit.
        var (found, at) = (0, 0);
        var bins = _bin.AsSpan(0, _count);
        for (var next = bins.IndexOf(bin); next >= 0; next = bins[at..].IndexOf(bin))
        {
            at += next;
            _values[found++] = map[at++];
        }

        var values = _values.AsSpan(0, found);
        values.Sort();
        return values[rank];
    }

    private void Place(ReadOnlySpan<float> map)
    {
        var scale = High > Low ? (Bins - 1) / (High - Low) : 0;
        scale = float.IsFinite(scale) ? scale : 0;
        var (lows, scales) = (new Vector<float>(Low), new Vector<float>(scale));
        var floats = MemoryMarshal.Cast<float, Vector<float>>(map);
        var ints = MemoryMarshal.Cast<int, Vector<int>>(_bin.AsSpan(0, _count));
        for (var v = 0; v < floats.Length; v++)
        {
            ints[v] = Vector.ConvertToInt32((floats[v] - lows) * scales);
        }

        for (var i = floats.Length * Vector<float>.Count; i < map.Length; i++)
        {
            _bin[i] = (int)((map[i] - Low) * scale);
        }
    }
}
