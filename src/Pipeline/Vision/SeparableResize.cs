using System.Numerics;

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

        target.Clear();
        for (var row = 0; row < _rows.Target; row++)
        {
            var weights = _rows.Weights(row);
            for (var tap = 0; tap < weights.Length; tap++)
            {
                AddScaled(_wide.AsSpan((_rows.First(row) + tap) * width, width), (float)weights[tap], target.Slice(row * width, width));
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

    private static void AddScaled(ReadOnlySpan<float> row, float weight, Span<float> sum)
    {
        if (weight == 0)
        {
            return;
        }

        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(sum[i..]) + new Vector<float>(row[i..]) * weight).CopyTo(sum[i..]);
        }

        for (; i < row.Length; i++)
        {
            sum[i] += row[i] * weight;
        }
    }
}
