using System.Globalization;
using OpenCvSharp;

namespace RealtimeSsl.Outputs;

/// <summary>What a stream shows while there is no picture: that there is none, and a clock, by which one sees that the stream itself is alive.</summary>
internal sealed class Slate(string camera) : IDisposable
{
    /// <summary>A source that gives nothing for this long is away.</summary>
    public static readonly TimeSpan After = TimeSpan.FromSeconds(2);

    private static readonly Scalar Ground = new(26, 22, 20), Ink = new(235, 235, 235), Quiet = new(160, 160, 160);
    private readonly Mat _canvas = new();

    /// <summary>Draws it; the slate's own picture, valid until the next call.</summary>
    /// <param name="size">In pixels.</param>
    /// <param name="utc">The time it shows.</param>
    public Mat Draw(Size size, DateTime utc)
    {
        _canvas.Create(size, MatType.CV_8UC3);
        _canvas.SetTo(Ground);
        var pen = new Pen(_canvas);
        var middle = size.Height / 2;
        Centre(pen, "no signal", middle, Ink);
        Centre(pen, $"{Pen.Plain(camera)}  {utc.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture)}", middle + 2 * pen.Capital + pen.Gap, Quiet);
        return _canvas;
    }

    /// <inheritdoc/>
    public void Dispose() => _canvas.Dispose();

    private void Centre(Pen pen, string text, int baseLine, Scalar color) => pen.Text(text, Math.Max(0, (_canvas.Width - pen.WidthOf(text)) / 2), baseLine, color);
}
