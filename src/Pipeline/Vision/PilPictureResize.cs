using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// Pillow's resize of 8-bit pictures, to the bit: weights as integers of 22 fractional bits, sums rounded and clamped to 8 bits after the
/// pass along the rows and again after the pass down the columns.
/// </summary>
internal sealed class PilPictureResize : PictureResize
{
    private const int Precision = 22;

    private readonly int[] _across;
    private readonly int[] _down;
    private readonly int[] _row;
    private readonly byte[] _narrow;
    private readonly int[] _sums;
    private readonly float[] _normalised;
    private readonly int _firstRow;
    private readonly int _rows;

    public PilPictureResize(ImageFrontEnd frontEnd, int width, int height)
        : base(frontEnd, width, height)
    {
        _across = Fixed(Across);
        _down = Fixed(Down);
        _firstRow = Down.First(0);
        _rows = Down.First(Down.Target - 1) + Down.Taps - _firstRow;
        _row = new int[3 * width + 1];
        _narrow = new byte[3 * frontEnd.Width * _rows];
        _sums = new int[3 * frontEnd.Width];
        _normalised = new float[3 * 256];
        for (var i = 0; i < _normalised.Length; i++)
        {
            _normalised[i] = (i % 256 / 255f - Mean[i / 256]) / Std[i / 256];
        }
    }

    /// <inheritdoc/>
    public override void Fill(ReadOnlySpan<byte> bgr, Span<float> tensor)
    {
        var (length, width) = (3 * Across.Source, 3 * Across.Target);
        for (var row = 0; row < _rows; row++)
        {
            Widen(bgr.Slice((_firstRow + row) * length, length), _row);
            Along(_narrow.AsSpan(row * width, width));
        }

        for (var y = 0; y < Down.Target; y++)
        {
            Array.Fill(_sums, 1 << (Precision - 1));
            for (var tap = 0; tap < Down.Taps; tap++)
            {
                AddScaled(_narrow.AsSpan((Down.First(y) - _firstRow + tap) * width, width), _down[y * Down.Taps + tap], _sums);
            }

            Normalise(tensor, y);
        }
    }

    private void Along(Span<byte> narrow)
    {
        ref var row = ref MemoryMarshal.GetArrayDataReference(_row);
        for (var x = 0; x < Across.Target; x++)
        {
            // A pixel is read as four numbers: the last one has one behind it.
            var sum = Vector128.Create(1 << (Precision - 1));
            var at = (nuint)(3 * Across.First(x));
            foreach (var weight in _across.AsSpan(x * Across.Taps, Across.Taps))
            {
                sum += Vector128.LoadUnsafe(ref row, at) * weight;
                at += 3;
            }

            sum = Vector128.Min(Vector128.Max(sum >> Precision, Vector128<int>.Zero), Vector128.Create(255));
            (narrow[3 * x], narrow[3 * x + 1], narrow[3 * x + 2]) = ((byte)sum[0], (byte)sum[1], (byte)sum[2]);
        }
    }

    private void Normalise(Span<float> tensor, int y)
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var row = Row(tensor, channel, y);
            var table = _normalised.AsSpan(256 * channel, 256);
            for (var x = 0; x < row.Length; x++)
            {
                row[x] = table[Math.Clamp(_sums[3 * x + channel] >> Precision, 0, 255)];
            }
        }
    }

    private static void Widen(ReadOnlySpan<byte> bytes, Span<int> numbers)
    {
        numbers.Clear();
        AddScaled(bytes, 1, numbers);
    }

    private static void AddScaled(ReadOnlySpan<byte> values, int weight, Span<int> sums)
    {
        if (weight == 0)
        {
            return;
        }

        var i = 0;
        var lanes = Vector<int>.Count;
        for (; i <= values.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(values[i..]), out var low, out var high);
            Add(low, sums[i..], lanes, weight);
            Add(high, sums[(i + 2 * lanes)..], lanes, weight);
        }

        for (; i < values.Length; i++)
        {
            sums[i] += values[i] * weight;
        }
    }

    private static void Add(Vector<ushort> values, Span<int> sums, int lanes, int weight)
    {
        Vector.Widen(values, out var low, out var high);
        (new Vector<int>(sums) + Vector.AsVectorInt32(low) * weight).CopyTo(sums);
        (new Vector<int>(sums[lanes..]) + Vector.AsVectorInt32(high) * weight).CopyTo(sums[lanes..]);
    }

    private static int[] Fixed(TapTable table)
    {
        var weights = new int[table.Target * table.Taps];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (int)Math.Round(table.Weights(i / table.Taps)[i % table.Taps] * (1 << Precision), MidpointRounding.AwayFromZero);
        }

        return weights;
    }
}
