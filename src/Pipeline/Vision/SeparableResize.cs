using System.Numerics;
using System.Runtime.InteropServices;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// Resizes one plane of floats, row-major, from one fixed size to another: along the rows, then along the columns. For heatmaps (14 x 14
/// to a picture) as the methods' own evaluation does it. Nothing is allocated per call. Not for use by two threads at once.
/// </summary>
public sealed class SeparableResize
{
    private readonly TapTable _rows;
    private readonly TapTable _cols;
    private readonly float[] _wide;

    /// <summary>Makes the tables.</summary>
    /// <param name="rows">Source rows.</param>
    /// <param name="cols">Source columns.</param>
    /// <param name="toRows">Target rows.</param>
    /// <param name="toCols">Target columns.</param>
    /// <param name="kind">How values between pixels are found.</param>
    public SeparableResize(int rows, int cols, int toRows, int toCols, ResizeKind kind)
    {
        _rows = new TapTable(rows, toRows, kind);
        _cols = new TapTable(cols, toCols, kind);
        _wide = new float[rows * toCols];
    }

    /// <summary>Resizes.</summary>
    /// <param name="source">Source rows x columns.</param>
    /// <param name="target">Target rows x columns.</param>
    public void Apply(ReadOnlySpan<float> source, Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.Length, _rows.Source * _cols.Source);
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, _rows.Target * _cols.Target);
        var width = _cols.Target;
        for (var row = 0; row < _rows.Source; row++)
        {
            Widen(source.Slice(row * _cols.Source, _cols.Source), _wide.AsSpan(row * width, width));
        }

        for (var row = 0; row < _rows.Target; row++)
        {
            var weights = _rows.Weights(row);
            var line = target.Slice(row * width, width);
            for (var tap = 0; tap < weights.Length; tap++)
            {
                var from = _wide.AsSpan((_rows.First(row) + tap) * width, width);
                Scale(from, (float)weights[tap], line, add: tap > 0);
            }
        }
    }

    private void Widen(ReadOnlySpan<float> source, Span<float> target)
    {
        for (var col = 0; col < target.Length; col++)
        {
            var weights = _cols.Weights(col);
            var sum = 0.0;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += weights[tap] * source[_cols.First(col) + tap];
            }

            target[col] = (float)sum;
        }
    }

    private static void Scale(ReadOnlySpan<float> row, float weight, Span<float> sum, bool add)
    {
        if (weight == 0)
        {
            if (!add)
            {
                sum.Clear();
            }

            return;
        }

        var from = MemoryMarshal.Cast<float, Vector<float>>(row);
        var to = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (var v = 0; v < to.Length; v++)
        {
            to[v] = add ? to[v] + from[v] * weight : from[v] * weight;
        }

        for (var i = to.Length * Vector<float>.Count; i < row.Length; i++)
        {
            sum[i] = add ? sum[i] + row[i] * weight : row[i] * weight;
        }
    }
}
