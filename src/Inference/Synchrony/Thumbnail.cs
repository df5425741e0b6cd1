using System.Numerics;

namespace RealtimeSsl.Inference;

/// <summary>
/// Area-averages a BGR picture to a small grey one. Every pixel counts once, so sensor noise averages out and thin things do not alias into motion.
/// Columns are summed with vectors in 16 bits, row by row; nothing is allocated while the sizes stay.
/// </summary>
internal sealed class Thumbnail
{
    // Luma in 1/256 (BT.601): B, G, R.
    private const int Blue = 29;
    private const int Green = 150;
    private const int Red = 77;

    private ushort[] _sums = [];
    private int[] _columnEdges = [];
    private int _sourceWidth;

    /// <summary>Width in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>Height x Width grey values, 0..255.</summary>
    public float[] Pixels { get; private set; } = [];

    /// <summary>Sets the size of the small picture.</summary>
    public void Resize(int width, int height)
    {
        (Width, Height) = (width, height);
        Pixels = new float[width * height];
        _columnEdges = new int[width + 1];
        _sourceWidth = 0;
    }

    /// <summary>Fills <see cref="Pixels"/> from a picture of packed rows, 3 bytes a pixel.</summary>
    public void Read(ReadOnlySpan<byte> bgr, int width, int height)
    {
        if (width != _sourceWidth)
        {
            _sourceWidth = width;
            _sums = new ushort[width * 3];
            for (var x = 0; x <= Width; x++)
            {
                _columnEdges[x] = (int)((long)x * width / Width);
            }
        }

        for (var y = 0; y < Height; y++)
        {
            var first = (int)((long)y * height / Height);
            // A sum of more than 257 rows would not fit 16 bits; no camera is that tall.
            var rows = Math.Clamp((int)((long)(y + 1) * height / Height) - first, 1, 257);
            SumRows(bgr.Slice(first * width * 3, rows * width * 3), width * 3);
            SumColumns(rows, Pixels.AsSpan(y * Width, Width));
        }
    }

    private void SumRows(ReadOnlySpan<byte> rows, int stride)
    {
        var sums = _sums.AsSpan(0, stride);
        sums.Clear();
        for (; rows.Length >= stride; rows = rows[stride..])
        {
            var i = 0;
            for (; i <= stride - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                Vector.Widen(new Vector<byte>(rows[i..]), out var low, out var high);
                (new Vector<ushort>(sums[i..]) + low).CopyTo(sums[i..]);
                var next = sums[(i + Vector<ushort>.Count)..];
                (new Vector<ushort>(next) + high).CopyTo(next);
            }

            for (; i < stride; i++)
            {
                sums[i] += rows[i];
            }
        }
    }

    private void SumColumns(int rows, Span<float> target)
    {
        for (var x = 0; x < target.Length; x++)
        {
            var begin = _columnEdges[x];
            var end = Math.Max(begin + 1, _columnEdges[x + 1]);
            long b = 0, g = 0, r = 0;
            for (var i = begin * 3; i < end * 3; i += 3)
            {
                b += _sums[i];
                g += _sums[i + 1];
                r += _sums[i + 2];
            }

            target[x] = (b * Blue + g * Green + r * Red) / (256f * rows * (end - begin));
        }
    }
}
