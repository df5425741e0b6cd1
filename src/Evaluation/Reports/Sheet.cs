using OpenCvSharp;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>A picture of the sheet.</summary>
/// <param name="Kind">best, median, worst.</param>
/// <param name="Line">The sample.</param>
/// <param name="Jpeg">The picture with its map and, in green, its ground truth.</param>
public sealed record SheetPicture(string Kind, SampleLine Line, byte[] Jpeg);

/// <summary>The best, median and worst samples by adaptive IoU, squashed to a square as they were scored, under their maps.</summary>
/// <param name="media">Decoder.</param>
public sealed class Sheet(ISampleMedia media)
{
    private const int Side = 280;
    private const int Each = 4;

    /// <summary>Draws it.</summary>
    public IReadOnlyList<SheetPicture> Draw(
        EvaluationReport report, IReadOnlyList<Located> samples, IReadOnlyDictionary<int, SampleMaps> maps, CancellationToken stop)
    {
        var ranked = report.Samples.Where(s => s.Sounds && !double.IsNaN(s.Adaptive)).OrderByDescending(s => s.Adaptive).ThenBy(s => s.Name, StringComparer.Ordinal).ToArray();
        var each = Math.Min(Each, (ranked.Length + 2) / 3);
        var middle = Math.Clamp((ranked.Length - each) / 2, 0, ranked.Length);
        var byName = samples.ToDictionary(s => s.Sample.Name, StringComparer.Ordinal);
        var chosen = ranked.Take(each).Select(l => ("best", l))
            .Concat(ranked.Skip(middle).Take(each).Select(l => ("median", l))).Concat(ranked.TakeLast(each).Select(l => ("worst", l))).DistinctBy(c => c.l.Name);
        return [.. chosen.Select(c => new SheetPicture(c.Item1, c.l, Picture(byName[c.l.Name], maps[byName[c.l.Name].Index], report, stop)))];
    }

    private unsafe byte[] Picture(Located sample, SampleMaps map, EvaluationReport report, CancellationToken stop)
    {
        var picture = media.ReadPicture(sample.Picture, sample.Sample.At, stop);
        fixed (byte* pixels = picture.Bgr)
        {
            using var whole = Mat.FromPixelData(picture.Height, picture.Width, MatType.CV_8UC3, (nint)pixels);
            using Mat canvas = new(), heat = new(), colours = new(), levels = new(Conventions.Side, Conventions.Side, MatType.CV_8UC1);
            Cv2.Resize(whole, canvas, new Size(Side, Side), 0, 0, InterpolationFlags.Area);
            var scores = new float[Conventions.Side * Conventions.Side];
            new PredictionMap(HeatmapUpsampling.ById(report.Upsampling)).Fill(map.Own.Scores, map.Rows, map.Cols, scores);
            var bytes = levels.AsSpan<byte>();
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)(255 * Math.Clamp(scores[i], 0, 1));
            }

            Cv2.Resize(levels, heat, new Size(Side, Side), 0, 0, InterpolationFlags.Linear);
            Cv2.ApplyColorMap(heat, colours, ColormapTypes.Inferno);
            Cv2.AddWeighted(canvas, 0.55, colours, 0.45, 0, canvas);
            foreach (var box in sample.Sample.Truth.Boxes)
            {
                var (x0, y0, x1, y1) = TruthMap.Pixels(box, sample.Sample.Truth.Unit, Side);
                if (x1 > x0 && y1 > y0)
                {
                    Cv2.Rectangle(canvas, new Rect(x0, y0, x1 - x0, y1 - y0), new Scalar(90, 230, 90), 2, LineTypes.Link8);
                }
            }

            return Cv2.ImEncode(".jpg", canvas, out var jpeg, [(int)ImwriteFlags.JpegQuality, 80]) ? jpeg : [];
        }
    }
}
