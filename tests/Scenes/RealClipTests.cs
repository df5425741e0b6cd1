using System.Text.Json.Nodes;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Scenes;

/// <summary>Synchrony on real clips with official boxes: it has to listen, not only to look.</summary>
public sealed class RealClipTests
{
    private static readonly string Folder = Path.Combine(Repository.Shared, "media", "vggss");

    [Fact(Timeout = 300_000)]
    public async Task The_peak_lies_in_the_box_far_more_often_with_the_clips_own_sound_than_with_another_clips()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "../shared/media/vggss is absent");
        var token = TestContext.Current.CancellationToken;
        var clips = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "vggss.json"), token))!.AsArray()
            .Select(c => (File: Path.Combine(Folder, $"{c!["file"]}.mp4"), Boxes: c["bbox"]!.AsArray().Select(Corners).ToList())).ToList();
        var (own, other, centre) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var clip in clips)
        {
            foreach (var sound in clips)
            {
                var share = await ShareInsideAsync(clip.File, sound.File, clip.Boxes);
                (sound == clip ? own : other).Add(share);
            }

            centre.Add(clip.Boxes.Any(b => b.Contains(0.5f, 0.5f)) ? 1 : 0);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"peak in the box: own sound {own.Average():0.00} ({string.Join(", ", own.Select(s => $"{s:0.00}"))}), other sound {other.Average():0.00}, centre {centre.Average():0.00}");
        Assert.True(own.Average() >= other.Average() + 0.15, $"own {own.Average():0.00}, other {other.Average():0.00}");
    }

    private static Box Corners(JsonNode? box)
    {
        var corners = box!.AsArray().Select(v => (float)v!).ToArray();
        return new Box(corners[0], corners[1], corners[2], corners[3]);
    }

    private static async Task<double> ShareInsideAsync(string picture, string sound, IReadOnlyList<Box> boxes)
    {
        var token = TestContext.Current.CancellationToken;
        var context = new SourceContext(new MonotonicClock(), new Counters(), new ListLog());
        await using var video = await MediaSource.OpenAsync(new MediaOptions { Input = picture, WantAudio = false }, context, token);
        await using var audio = await MediaSource.OpenAsync(new MediaOptions { Input = sound, WantVideo = false }, context, token);
        using var localizer = new SynchronyLocalizer();
        var (inside, judged) = (0, 0);
        var sink = new CollectingSink
        {
            OnWrite = (found, _) =>
            {
                if (found.Time.TotalSeconds >= 1)
                {
                    var (_, x, y) = found.Heatmap.Peak();
                    judged++;
                    inside += boxes.Any(b => b.Contains(x, y)) ? 1 : 0;
                }

                return ValueTask.CompletedTask;
            },
        };
        var parts = new EngineParts("cam0", video, audio, localizer, [sink], "");
        await new Engine(parts, new EngineSettings(), new DetectorSettings(), new TrackerSettings(), context.Clock, context.Counters, context.Log).RunAsync(token);
        return (double)inside / judged;
    }
}
