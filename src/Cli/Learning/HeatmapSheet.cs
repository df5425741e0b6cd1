using OpenCvSharp;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// A sheet of pictures with their heatmaps: a row for each scene, a column for each of its sounds, so that one sees at a glance whether the map follows the
/// sound. The true box is green, the map's peak a cross.
/// </summary>
/// <param name="set">Where the pictures are.</param>
internal sealed class HeatmapSheet(IClipSet set)
{
    private const int Rows = 8;
    private const int Side = 176;
    private readonly List<(int Picture, List<Mat> Tiles)> _rows = [];

    /// <summary>Adds a tile, while there is room.</summary>
    /// <param name="pair">The picture.</param>
    /// <param name="info">Its boxes and class.</param>
    /// <param name="prediction">The map, 0..1, on evaluation's grid.</param>
    /// <param name="peak">Index of its peak.</param>
    public void Add(ClipPair pair, ClipInfo info, float[] prediction, int peak)
    {
        if (_rows.Count == 0 || _rows[^1].Picture != pair.Picture)
        {
            if (_rows.Count == Rows)
            {
                return;
            }

            _rows.Add((pair.Picture, []));
        }

        using var picture = new Mat();
        using var small = new Mat();
        using var heat = new Mat();
        using var colours = new Mat();
        set.ReadPicture(pair.Picture, picture);
        Cv2.Resize(picture, small, new Size(Side, Side), 0, 0, InterpolationFlags.Area);
        Cv2.CvtColor(small, small, ColorConversionCodes.RGB2BGR);
        using (var map = new Mat(Conventions.Side, Conventions.Side, MatType.CV_8UC1))
        {
            var pixels = map.AsSpan<byte>();
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (byte)(255 * Math.Clamp(prediction[i], 0, 1));
            }

            Cv2.Resize(map, heat, new Size(Side, Side));
        }

        Cv2.ApplyColorMap(heat, colours, ColormapTypes.Inferno);
        var tile = new Mat();
        Cv2.AddWeighted(small, 0.5, colours, 0.5, 0, tile);
        foreach (var box in info.Boxes)
        {
            Cv2.Rectangle(tile, new Rect((int)(box.X1 * Side), (int)(box.Y1 * Side), (int)((box.X2 - box.X1) * Side), (int)((box.Y2 - box.Y1) * Side)), new Scalar(80, 220, 80), 2);
        }

        var (x, y) = (peak % Conventions.Side * Side / Conventions.Side, peak / Conventions.Side * Side / Conventions.Side);
        Cv2.Line(tile, new Point(x - 6, y), new Point(x + 6, y), Scalar.White, 2);
        Cv2.Line(tile, new Point(x, y - 6), new Point(x, y + 6), Scalar.White, 2);
        if (info.Class is { Length: > 0 } name)
        {
            Cv2.PutText(tile, name, new Point(4, 14), HersheyFonts.HersheySimplex, 0.45, Scalar.White, 1, LineTypes.AntiAlias);
        }

        _rows[^1].Tiles.Add(tile);
    }

    /// <summary>Writes the sheet as PNG and forgets it.</summary>
    public void Write(string path)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        using var sheet = new Mat(_rows.Count * Side, _rows.Max(r => r.Tiles.Count) * Side, MatType.CV_8UC3, new Scalar(30, 30, 30));
        for (var r = 0; r < _rows.Count; r++)
        {
            for (var c = 0; c < _rows[r].Tiles.Count; c++)
            {
                using var tile = _rows[r].Tiles[c];
                using var place = new Mat(sheet, new Rect(c * Side, r * Side, Side, Side));
                tile.CopyTo(place);
            }
        }

        Cv2.ImWrite(path, sheet);
        _rows.Clear();
    }
}
