using System.Globalization;
using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Draws what was found over a copy of the picture it was found in: heatmap, boxes with id, label and score, peaks, sound level, model, time and
/// latency. Stateless from picture to picture (what is shown belongs to that moment and no other); its buffers are reused. Not thread-safe:
/// each sink has its own.
/// </summary>
public sealed class OverlayRenderer : IDisposable
{
    private static readonly Scalar Ink = new(245, 245, 245);
    private static readonly Scalar Quiet = new(190, 190, 190);
    private static readonly Scalar Track = new(84, 80, 76);
    private static readonly Scalar Level = new(170, 200, 120);
    private static readonly Scalar Loud = new(90, 180, 250);

    // Level meter: from the noise of a quiet room to full scale; above -6 dBFS it warns.
    private const double LowestDbfs = -60, LoudDbfs = -6;

    // Plates are as wide as their widest content: figures that change must not make them jump.
    private const string WidestLevel = "-00 dBFS", WidestTime = "00:00.00  000 ms", WidestUtc = "00:00:00.00Z  000 ms";

    // How much of the picture a plate under text lets through, of 256.
    private const int Plate = 110;
    private volatile OverlaySettings _wanted;
    private OverlaySettings _settings;
    private HeatLayer _heat;
    private readonly Mat _canvas = new();
    private readonly List<Rect> _labels = [];

    /// <summary>Makes a renderer.</summary>
    public OverlayRenderer(OverlaySettings? settings = null)
    {
        _wanted = _settings = settings ?? new OverlaySettings();
        _heat = new HeatLayer(_settings);
    }

    /// <summary>What is drawn; other settings hold from the next picture on, and may be given from any thread.</summary>
    public OverlaySettings Settings
    {
        get => _wanted;
        set => _wanted = value;
    }

    /// <summary>Draws one localization.</summary>
    /// <returns>The picture with the overlay, BGR, 8 bits, of the frame's size: the renderer's own, valid until the next call.</returns>
    public Mat Render(Localization found)
    {
        if (_settings != _wanted)
        {
            _settings = _wanted;
            _heat.Dispose();
            _heat = new HeatLayer(_settings);
        }

        found.Frame.Image.CopyTo(_canvas);
        var pen = new Pen(_canvas);

        // Without a source there is nothing to point at, and a map of nothing misleads.
        if (_settings.Heatmap && found.Why is null)
        {
            _heat.Draw(found.Heatmap, _canvas);
        }

        if (_settings.Boxes)
        {
            DrawSources(pen, found.Sources);
        }

        if (_settings.Meter)
        {
            DrawMeter(pen, found);
        }

        if (_settings.Clock)
        {
            DrawClock(pen, found);
        }

        if (_settings.Model)
        {
            DrawModel(pen, found.Model.Name);
        }

        return _canvas;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heat.Dispose();
        _canvas.Dispose();
    }

    private void DrawSources(Pen pen, IReadOnlyList<SoundSource> sources)
    {
        // Weakest first: where boxes overlap, the strongest is on top.
        for (var i = sources.Count - 1; i >= 0; i--)
        {
            var color = SourceColors.Bgr(sources[i].Id);
            pen.Frame(ToPixels(sources[i].Box), color);
            pen.Mark(new Point(X(sources[i].PeakX), Y(sources[i].PeakY)), color);
        }

        _labels.Clear();
        foreach (var source in sources)
        {
            DrawLabel(pen, source);
        }
    }

    private void DrawLabel(Pen pen, in SoundSource source)
    {
        var text = source.Label is null
            ? string.Create(CultureInfo.InvariantCulture, $"{source.Id}  {source.Score:0.00}")
            : string.Create(CultureInfo.InvariantCulture, $"{source.Id} {Pen.Plain(source.Label)}  {source.Score:0.00}");
        var box = ToPixels(source.Box);
        var size = new Size(pen.WidthOf(text) + 2 * pen.Gap, pen.Capital + 2 * pen.Gap);
        var (x, height) = (Math.Clamp(box.Left, 0, Math.Max(0, _canvas.Width - size.Width)), _canvas.Height);
        var above = box.Top - size.Height - 2 * pen.Line;
        var place = new Rect(x, above >= 0 ? above : Math.Max(0, box.Top + 2 * pen.Line), size.Width, size.Height);

        // Labels of neighbours step aside downwards.
        for (var i = 0; i < _labels.Count && place.Bottom + size.Height <= height; i++)
        {
            if (_labels[i].IntersectsWith(place))
            {
                place.Y = _labels[i].Bottom + pen.Line;
                i = -1;
            }
        }

        _labels.Add(place);
        pen.Plate(place, Plate);
        pen.Text(text, place.X + pen.Gap, place.Bottom - pen.Gap, SourceColors.Bgr(source.Id));
    }

    private void DrawMeter(Pen pen, Localization found)
    {
        var dbfs = found.Audio?.Dbfs;
        var level = dbfs is { } heard ? string.Create(CultureInfo.InvariantCulture, $"{heard:0} dBFS") : "";
        var why = Pen.Plain(found.Why ?? (found.Audio is null ? "no audio" : dbfs is null ? "silent" : ""));
        var bar = new Rect(2 * pen.Gap, _canvas.Height - 2 * pen.Gap - pen.Capital, _canvas.Width / 6, pen.Capital);
        var room = level.Length > 0 ? pen.WidthOf(WidestLevel) : 0;
        var words = why.Length > 0 ? pen.WidthOf(why) + (room > 0 ? pen.Capital : 0) : 0;
        pen.Plate(new Rect(pen.Gap, bar.Top - pen.Gap, 3 * pen.Gap + bar.Width + room + words, pen.Capital + 2 * pen.Gap), Plate);

        var track = new Rect(bar.X, bar.Y + bar.Height / 4, bar.Width, Math.Max(3, bar.Height / 2));
        pen.Fill(track, Track);
        if (dbfs is { } db)
        {
            var share = Math.Clamp((db - LowestDbfs) / -LowestDbfs, 0, 1);
            pen.Fill(new Rect(track.X, track.Y, Math.Max(1, (int)Math.Round(share * track.Width)), track.Height), db > LoudDbfs ? Loud : Level);
        }

        var text = bar.Right + pen.Gap;
        pen.Text(level, text + room - pen.WidthOf(level), bar.Bottom, Ink);
        pen.Text(why, text + room + (room > 0 ? pen.Capital : 0), bar.Bottom, Quiet);
    }

    private void DrawClock(Pen pen, Localization found)
    {
        var time = found.MediaTime is { } seconds
            ? TimeSpan.FromSeconds(seconds).ToString(seconds >= 3600 ? @"h\:mm\:ss\.ff" : @"mm\:ss\.ff", CultureInfo.InvariantCulture)
            : found.CapturedAt.ToString("HH:mm:ss.ff'Z'", CultureInfo.InvariantCulture);
        var latency = string.Create(CultureInfo.InvariantCulture, $"{found.Latency.Total:0} ms");
        var width = pen.WidthOf(found.MediaTime is null ? WidestUtc : WidestTime);
        var plate = new Rect(_canvas.Width - width - 3 * pen.Gap, pen.Gap, width + 2 * pen.Gap, pen.Capital + 2 * pen.Gap);
        pen.Plate(plate, Plate);
        pen.Text(time, plate.X + pen.Gap, plate.Bottom - pen.Gap, Ink);
        pen.Text(latency, plate.Right - pen.Gap - pen.WidthOf(latency), plate.Bottom - pen.Gap, Quiet);
    }

    private static void DrawModel(Pen pen, string name)
    {
        var text = Pen.Plain(name);
        var plate = new Rect(pen.Gap, pen.Gap, pen.WidthOf(text) + 2 * pen.Gap, pen.Capital + 2 * pen.Gap);
        pen.Plate(plate, Plate);
        pen.Text(text, plate.X + pen.Gap, plate.Bottom - pen.Gap, Quiet);
    }

    private Rect ToPixels(Box box)
    {
        int left = X(box.X1), top = Y(box.Y1);
        return new Rect(left, top, Math.Max(1, X(box.X2) - left + 1), Math.Max(1, Y(box.Y2) - top + 1));
    }

    private int X(float x) => (int)Math.Round(Math.Clamp(x, 0f, 1f) * (_canvas.Width - 1));

    private int Y(float y) => (int)Math.Round(Math.Clamp(y, 0f, 1f) * (_canvas.Height - 1));
}
