using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>Makes localizations as the engine would, for tests of what stands behind it.</summary>
internal sealed class Localizations(int width, int height)
{
    public static readonly DateTime Origin = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    public static readonly LocalizerInfo Model = new("synchrony", null, new DeviceChoice("auto", "cpu", null));

    private readonly FramePool _frames = new();
    private readonly ObjectPool<Localization> _pool = new(8);
    private long _seq;

    public static StreamInfo Stream(string folder, int width, int height, double? fps = 25, bool live = false, AudioInfo? audio = null) =>
        new("cam", new VideoInfo("test", width, height, fps, live), audio, Model, folder);

    /// <summary>The next localization: a grey picture, a heatmap of zeros, silent, no source; set what the test is about.</summary>
    public Localization Next(double seconds, Size? size = null)
    {
        var at = TimeSpan.FromSeconds(seconds);
        var frame = _frames.Rent(size?.Width ?? width, size?.Height ?? height).Stamp(_seq, at, at);
        frame.Pixels.Fill(96);
        var found = _pool.TryTake() ?? new Localization(_pool);
        found.Lend();
        found.Frame = frame;
        found.Seq = _seq++;
        found.MediaTime = seconds;
        found.CapturedAt = Origin + at;
        found.PublishedAt = Origin + at + TimeSpan.FromMilliseconds(12.5);
        found.Audio = new AudioSpan(at - TimeSpan.FromSeconds(1), at, null, 0, 0);
        found.Presence = 0;
        found.Why = "silent";
        found.Model = Model;
        found.Latency = new StageLatency(0, 1, 10, 1.5, 12.5);
        found.SourceList.Clear();
        found.DroppedList.Clear();
        found.Heatmap.Resize(14, 14);
        found.Heatmap.Scores.Clear();
        (found.Heatmap.Low, found.Heatmap.High, found.Heatmap.Label) = (0, 1, null);
        return found;
    }

    /// <summary>Adds a source: a box around a centre, a hot spot in the heatmap, a level that is not silent.</summary>
    public static void AddSource(Localization found, int id, string? label, float score, float x, float y, float width = 0.3f, float height = 0.4f)
    {
        var box = new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
        found.SourceList.Add(new SoundSource(id, label, score, box, x, y, 1.5));
        found.SourceList.Sort((a, b) => b.Score.CompareTo(a.Score));
        found.Presence = 0.9;
        found.Why = null;
        found.Audio = found.Audio!.Value with { Dbfs = -23.4 };
        var map = found.Heatmap;
        for (var i = 0; i < map.Scores.Length; i++)
        {
            double dx = (i % map.Cols + 0.5) / map.Cols - x, dy = (i / map.Cols + 0.5) / map.Rows - y;
            map.Scores[i] = Math.Max(map.Scores[i], score * (float)Math.Exp(-(dx * dx / (width * width) + dy * dy / (height * height)) * 6));
        }
    }
}
