using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The heatmap as a glow over the picture. The coarse grid is brought up smoothly (cubic to eight times its size, linear from there), and each
/// pixel is mixed with a colour by an opacity that grows with the score: below the floor the picture stays as it is, to the bit.
/// </summary>
internal sealed class HeatLayer : IDisposable
{
    private const int Fine = 8;
    private readonly Mat _grid = new(), _fine = new(), _levels = new(), _mask = new();
    private readonly uint[] _ink = new uint[256];
    private readonly byte _first;

    /// <summary>Makes the table from score to colour and opacity.</summary>
    public unsafe HeatLayer(OverlaySettings settings)
    {
        using var ramp = new Mat(1, 256, MatType.CV_8UC1);
        using var colors = new Mat();
        var scores = ramp.AsSpan<byte>();
        for (var i = 0; i < 256; i++)
        {
            // The darkest third of the map would only dim the picture.
            scores[i] = (byte)(90 + i * 165 / 255);
        }

        Cv2.ApplyColorMap(ramp, colors, ColormapTypes.Inferno);
        var bgr = new ReadOnlySpan<byte>((void*)colors.Data, 3 * 256);
        _first = 255;
        for (var i = 255; i >= 0; i--)
        {
            var warmth = Math.Clamp((i / 255.0 - settings.HeatmapFloor) / (1 - settings.HeatmapFloor), 0, 1);
            var eased = warmth * warmth * (3 - 2 * warmth);
            var alpha = (uint)Math.Round(255 * settings.HeatmapOpacity * eased);
            _ink[i] = Pack(bgr.Slice(3 * (int)Math.Round(255 * warmth), 3), alpha);
            _first = alpha > 0 ? (byte)i : _first;
        }
    }

    /// <summary>Draws the heatmap over all of the canvas (BGR, 8 bits).</summary>
    public unsafe void Draw(Heatmap heatmap, Mat canvas)
    {
        if (heatmap.Rows * heatmap.Cols == 0)
        {
            return;
        }

        _grid.Create(heatmap.Rows, heatmap.Cols, MatType.CV_32FC1);
        var grid = _grid.AsSpan<float>();
        for (var i = 0; i < grid.Length; i++)
        {
            grid[i] = heatmap.Normalised(i);
        }

        Cv2.Resize(_grid, _fine, new Size(heatmap.Cols * Fine, heatmap.Rows * Fine), 0, 0, InterpolationFlags.Cubic);
        _fine.ConvertTo(_levels, MatType.CV_8UC1, 255);
        var (width, height) = (canvas.Width, canvas.Height);
        Cv2.Resize(_levels, _mask, new Size(width, height), 0, 0, InterpolationFlags.Linear);
        fixed (uint* ink = _ink)
        {
            for (var y = 0; y < height; y++)
            {
                Blend(new ReadOnlySpan<byte>((void*)_mask.Ptr(y), width), (byte*)canvas.Ptr(y), ink);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _grid.Dispose();
        _fine.Dispose();
        _levels.Dispose();
        _mask.Dispose();
    }

    private static uint Pack(ReadOnlySpan<byte> bgr, uint alpha) => alpha << 24 | (uint)bgr[2] << 16 | (uint)bgr[1] << 8 | bgr[0];

    private unsafe void Blend(ReadOnlySpan<byte> levels, byte* row, uint* ink)
    {
        // Most of a picture is cold: find the warm runs at the speed of the vector unit, and touch only those.
        for (var x = 0; x < levels.Length;)
        {
            var warm = levels[x..].IndexOfAnyInRange(_first, byte.MaxValue);
            if (warm < 0)
            {
                return;
            }

            for (x += warm; x < levels.Length && levels[x] >= _first; x++)
            {
                var entry = ink[levels[x]];
                var alpha = (int)(entry >> 24);
                var pixel = row + 3 * x;
                pixel[0] = (byte)(pixel[0] + (((int)(entry & 255) - pixel[0]) * alpha + 128 >> 8));
                pixel[1] = (byte)(pixel[1] + (((int)(entry >> 8 & 255) - pixel[1]) * alpha + 128 >> 8));
                pixel[2] = (byte)(pixel[2] + (((int)(entry >> 16 & 255) - pixel[2]) * alpha + 128 >> 8));
            }
        }
    }
}
