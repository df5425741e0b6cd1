using OpenCvSharp;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Lines, plates and outlined text on a canvas, in sizes that follow the picture's height: what is readable at 320 x 240 is neither
/// lost nor crude at 1920 x 1080.
/// </summary>
internal sealed class Pen
{
    private const HersheyFonts Font = HersheyFonts.HersheySimplex;

    // Height of a capital of this font at scale 1, in pixels.
    private const double CapitalAtOne = 21;

    private static readonly Scalar Outline = new(24, 20, 18);
    private readonly Mat _canvas;
    private readonly double _scale;
    private readonly int _stroke;

    /// <summary>A pen for a canvas.</summary>
    public Pen(Mat canvas)
    {
        _canvas = canvas;
        Capital = Math.Max(8, (int)Math.Round(canvas.Height * 0.024));
        _scale = Capital / CapitalAtOne;
        _stroke = Math.Max(1, (int)Math.Round(Capital / 11.0));
        Line = Math.Max(1, (int)Math.Round(canvas.Height / 300.0));
        Gap = Math.Max(4, (int)Math.Round(Capital * 0.6));
    }

    /// <summary>Height of a capital letter in pixels.</summary>
    public int Capital { get; }

    /// <summary>Width of a thin line in pixels.</summary>
    public int Line { get; }

    /// <summary>Space between things in pixels.</summary>
    public int Gap { get; }

    /// <summary>Width of a text in pixels; OpenCvSharp refuses to measure (and to write) no text.</summary>
    public int WidthOf(string text) => text.Length == 0 ? 0 : Cv2.GetTextSize(text, Font, _scale, _stroke, out _).Width;

    /// <summary>Writes a text with its base line's left end there: dark outline first, so that it reads on anything.</summary>
    public void Text(string text, int x, int baseLine, Scalar color)
    {
        if (text.Length == 0)
        {
            return;
        }

        var at = new Point(x, baseLine);
        Cv2.PutText(_canvas, text, at, Font, _scale, Outline, _stroke + 2 * Math.Max(1, Line), LineTypes.AntiAlias);
        Cv2.PutText(_canvas, text, at, Font, _scale, color, _stroke, LineTypes.AntiAlias);
    }

    /// <summary>A text without characters that the font does not have.</summary>
    public static string Plain(string text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or > '~')
            {
                return string.Create(text.Length, text, static (plain, original) =>
                {
                    for (var i = 0; i < plain.Length; i++)
                    {
                        plain[i] = original[i] is < ' ' or > '~' ? '?' : original[i];
                    }
                });
            }
        }

        return text;
    }

    /// <summary>Darkens a rectangle so that what is written on it reads.</summary>
    public unsafe void Plate(Rect rect, int keepPer256)
    {
        rect = rect.Intersect(new Rect(0, 0, _canvas.Width, _canvas.Height));
        for (var y = rect.Top; y < rect.Bottom; y++)
        {
            foreach (ref var value in new Span<byte>((byte*)_canvas.Ptr(y) + 3 * rect.X, 3 * rect.Width))
            {
                value = (byte)(value * keepPer256 >> 8);
            }
        }
    }

    /// <summary>A frame with firm corners and a fine line between them, on a dark edge.</summary>
    public void Frame(Rect rect, Scalar color)
    {
        var arm = Math.Max(2 * Line, Math.Min(rect.Width, rect.Height) / 6);
        Cv2.Rectangle(_canvas, rect, Outline, Line + 2, LineTypes.Link8);
        Corners(rect, arm, 1, Outline);
        Cv2.Rectangle(_canvas, rect, color, Line, LineTypes.Link8);
        Corners(rect, arm, 0, color);
    }

    /// <summary>Marks a point.</summary>
    public void Mark(Point at, Scalar color)
    {
        var radius = Math.Max(3, Capital / 2);
        Cv2.Circle(_canvas, at, radius, Outline, Line + 2, LineTypes.AntiAlias);
        Cv2.Circle(_canvas, at, radius, color, Line, LineTypes.AntiAlias);
        Cv2.Circle(_canvas, at, Math.Max(1, Line), color, -1, LineTypes.AntiAlias);
    }

    /// <summary>Fills a rectangle.</summary>
    public void Fill(Rect rect, Scalar color) => Cv2.Rectangle(_canvas, rect, color, -1, LineTypes.Link8);

    // Crisp bars rather than thick lines, whose round ends look swollen.
    private void Corners(Rect rect, int arm, int edge, Scalar color)
    {
        var width = 2 * Line + 1;
        for (var corner = 0; corner < 4; corner++)
        {
            var x = (corner & 1) == 0 ? rect.Left - width / 2 : rect.Right - 1 - width / 2;
            var y = (corner & 2) == 0 ? rect.Top - width / 2 : rect.Bottom - 1 - width / 2;
            var across = (corner & 1) == 0 ? x : x + width - arm;
            var down = (corner & 2) == 0 ? y : y + width - arm;
            Fill(new Rect(across - edge, y - edge, arm + 2 * edge, width + 2 * edge), color);
            Fill(new Rect(x - edge, down - edge, width + 2 * edge, arm + 2 * edge), color);
        }
    }
}
