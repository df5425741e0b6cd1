using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// Interpolation in floats, not clamped: values may leave 0..255, as torch's do. Down the columns first, where whole rows are added at
/// once and only the rows that are read are touched; then along each row, a pixel's channels at once.
/// </summary>
internal sealed class FloatPictureResize : PictureResize
{
    // A pixel is read as four floats: the last one needs a float behind it.
    private readonly float[] _row;
    private readonly float[] _weights;
    private readonly Vector128<float> _scale;
    private readonly Vector128<float> _offset;

    public FloatPictureResize(ImageFrontEnd frontEnd, int width, int height)
        : base(frontEnd, width, height)
    {
        _row = new float[3 * width + 1];
        _weights = new float[Across.Target * Across.Taps];
        for (var i = 0; i < _weights.Length; i++)
        {
            _weights[i] = (float)Across.Weights(i / Across.Taps)[i % Across.Taps];
        }

        _scale = Vector128.Create(1 / (255 * Std[0]), 1 / (255 * Std[1]), 1 / (255 * Std[2]), 0);
        _offset = Vector128.Create(-Mean[0] / Std[0], -Mean[1] / Std[1], -Mean[2] / Std[2], 0);
    }

    /// <inheritdoc/>
    public override void Fill(ReadOnlySpan<byte> bgr, Span<float> tensor)
    {
        var length = 3 * Across.Source;
        for (var y = 0; y < Down.Target; y++)
        {
            var weights = Down.Weights(y);
            Array.Clear(_row);
            for (var tap = 0; tap < weights.Length; tap++)
            {
                AddScaled(bgr.Slice((Down.First(y) + tap) * length, length), (float)weights[tap], _row);
            }

            Along(Row(tensor, 0, y), Row(tensor, 1, y), Row(tensor, 2, y));
        }
    }

    private void Along(Span<float> blue, Span<float> green, Span<float> red)
    {
        ref var row = ref MemoryMarshal.GetArrayDataReference(_row);
        for (var x = 0; x < blue.Length; x++)
        {
            var sum = Vector128<float>.Zero;
            var weights = _weights.AsSpan(x * Across.Taps, Across.Taps);
            var at = (nuint)(3 * Across.First(x));
            foreach (var weight in weights)
            {
                sum += Vector128.LoadUnsafe(ref row, at) * weight;
                at += 3;
            }

            sum = sum * _scale + _offset;
            (blue[x], green[x], red[x]) = (sum[0], sum[1], sum[2]);
        }
    }

    private static void AddScaled(ReadOnlySpan<byte> pixels, float weight, Span<float> sum)
    {
        if (weight == 0)
        {
            return;
        }

        var i = 0;
        var lanes = Vector<float>.Count;
        for (; i <= pixels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(pixels[i..]), out var low, out var high);
            Add(low, sum[i..], lanes, weight);
            Add(high, sum[(i + 2 * lanes)..], lanes, weight);
        }

        for (; i < pixels.Length; i++)
        {
            sum[i] += pixels[i] * weight;
        }
    }

    private static void Add(Vector<ushort> values, Span<float> sum, int lanes, float weight)
    {
        Vector.Widen(values, out var low, out var high);
        (new Vector<float>(sum) + Vector.ConvertToSingle(Vector.AsVectorInt32(low)) * weight).CopyTo(sum);
        (new Vector<float>(sum[lanes..]) + Vector.ConvertToSingle(Vector.AsVectorInt32(high)) * weight).CopyTo(sum[lanes..]);
    }
}
