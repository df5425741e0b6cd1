using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Scenes;

/// <summary>The whole engine with synchrony on scenes whose truth is known.</summary>
public sealed class SceneTests
{
    private const int Limit = 240_000;
    private const double Seconds = 16;

    [Theory(Timeout = Limit)]
    [InlineData("drum", 1)]
    [InlineData("drum", 2)]
    [InlineData("face", 1)]
    [InlineData("face", 2)]
    [InlineData("bird", 1)]
    [InlineData("bird", 2)]
    [InlineData("ball", 1)]
    [InlineData("ball", 2)]
    public async Task With_one_thing_sounding_the_peak_lies_in_it_on_95_per_cent_of_the_frames_after_the_first_second(string scene, int seed)
    {
        var frames = await RunAsync(scene, seed);
        var judged = frames.Where(f => f.Time.TotalSeconds >= 1).ToList();
        var inside = judged.Count(f => f.Truth.Any(t => t is { Sounds: true, Visible: true } && t.Box.Contains(f.PeakX, f.PeakY)));
        Assert.True(inside >= 0.95 * judged.Count, $"{scene} {seed}: {100.0 * inside / judged.Count:0.0} % of {judged.Count} frames");
    }

    [Theory(Timeout = Limit)]
    [InlineData("silence", 1)]
    [InlineData("silence", 2)]
    [InlineData("offscreen", 1)]
    [InlineData("offscreen", 2)]
    [InlineData("offscreen", 3)]
    public async Task Silence_and_a_sound_from_off_screen_give_no_source_on_98_per_cent_of_the_frames(string scene, int seed)
    {
        var frames = await RunAsync(scene, seed);
        var clean = frames.Count(f => f.Sources == 0);
        Assert.True(clean >= 0.98 * frames.Count, $"{scene} {seed}: {100.0 * clean / frames.Count:0.0} % of {frames.Count} frames");
    }

    [Theory(Timeout = Limit)]
    [InlineData("drum")]
    [InlineData("face")]
    public async Task What_sounds_is_shown_most_of_the_time(string scene)
    {
        var frames = await RunAsync(scene, 1);
        var shown = frames.Count(f => f.Time.TotalSeconds >= 2 && f.Sources > 0);
        Assert.True(shown >= 0.6 * frames.Count(f => f.Time.TotalSeconds >= 2), $"{scene}: {100.0 * shown / frames.Count:0.0} %");
    }

    [Fact(Timeout = Limit)]
    public async Task A_track_ends_within_half_a_second_of_its_sound()
    {
        // In the demo the drum stops at 5 s and nothing sounds until 6 s.
        var frames = await RunAsync("demo", 1, 6);
        Assert.Contains(frames, f => f.Time.TotalSeconds is > 3 and < 5 && f.Sources > 0);
        Assert.All(frames.Where(f => f.Time.TotalSeconds is >= 5.5 and < 6), f => Assert.Equal(0, f.Sources));
    }

    private static async Task<List<SeenFrame>> RunAsync(string scene, int seed, double seconds = Seconds)
    {
        var (clock, counters, log) = (new MonotonicClock(), new Counters(), new ListLog());
        var options = new SyntheticOptions { Scene = scene, Seed = seed, Width = 640, Height = 360, Fps = 25, Live = false, Seconds = seconds };
        await using var source = new SyntheticSource(options, new SourceContext(clock, counters, log));
        using var localizer = new SynchronyLocalizer();
        var seen = new List<SeenFrame>();
        var sink = new CollectingSink
        {
            OnWrite = (found, _) =>
            {
                var (_, x, y) = found.Heatmap.Peak();
                seen.Add(new SeenFrame(found.Time, x, y, found.Sources.Count, source.Truth(found.Time)));
                return ValueTask.CompletedTask;
            },
        };
        var parts = new EngineParts("cam0", source, source, localizer, [sink], "");
        await new Engine(parts, new EngineSettings(), new DetectorSettings(), new TrackerSettings(), clock, counters, log).RunAsync(TestContext.Current.CancellationToken);
        return seen;
    }

    private sealed record SeenFrame(TimeSpan Time, float PeakX, float PeakY, int Sources, IReadOnlyList<SceneTruth> Truth);
}
