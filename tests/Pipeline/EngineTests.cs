using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline;

/// <summary>The engine with sources and sinks that the test holds in its hands.</summary>
public sealed class EngineTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromSeconds(0.04);
    private readonly MonotonicClock _clock = new();
    private readonly Counters _counters = new();
    private readonly ListLog _log = new();
    private readonly CollectingSink _sink = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 30000)]
    public async Task Every_frame_of_a_file_is_localized_once_with_the_sound_up_to_its_time()
    {
        await using var video = Video(100);
        await using var audio = Audio(4.0);
        var summary = await RunAsync(video, audio);

        Assert.Equal(100, summary.FramesProcessed);
        Assert.Empty(summary.FramesDropped);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), _sink.Items.Select(i => i.Seq));
        Assert.All(_sink.Items.Where(i => i.Audio is not null), i => Assert.InRange((i.Time - i.Audio!.Value.To).TotalSeconds, 0, 0.02));
        Assert.All(_sink.Items.Skip(2), i => Assert.NotNull(i.Audio));
        Assert.Equal("end of source", summary.Ended);
        Assert.Equal(summary, _sink.Summary);
    }

    [Fact(Timeout = 30000)]
    public async Task All_sound_reaches_the_sinks_also_what_comes_after_the_last_picture()
    {
        await using var video = Video(10);
        await using var audio = Audio(2.0);
        await RunAsync(video, audio);
        Assert.Equal(2 * FakeAudio.Rate, _sink.Audio.Sum(b => b.Length));
        Assert.Equal(_sink.Audio.Select(b => b.Position).Order(), _sink.Audio.Select(b => b.Position));
    }

    [Fact(Timeout = 30000)]
    public async Task Sources_appear_with_the_sound_and_end_with_it()
    {
        await using var video = Video(100);
        await using var audio = Audio(4.0, t => t is >= 1 and < 2);
        await RunAsync(video, audio);
        var shown = _sink.Items.Where(i => i.Sources.Count > 0).Select(i => i.Time.TotalSeconds).ToList();
        Assert.InRange(shown[0], 1.0, 1.3);
        Assert.InRange(shown[^1], 1.9, 2.5);
        Assert.All(_sink.Items.Where(i => i.Time.TotalSeconds > 2.5), i => Assert.Equal("silent", i.Why));
    }

    [Fact(Timeout = 30000)]
    public async Task With_detection_off_frames_go_on_without_sources()
    {
        await using var video = Video(50);
        await using var audio = Audio(2.0);
        var parts = new EngineParts("cam0", video, audio, new CornerLocalizer(), [_sink], "") { Detection = new Switch("detection", false) };
        await new Engine(parts, new EngineSettings(), new DetectorSettings(), new TrackerSettings(), _clock, _counters, _log).RunAsync(Token);

        Assert.Equal(50, _sink.Items.Count);
        Assert.All(_sink.Items, i => Assert.Equal((0, "detection off"), (i.Sources.Count, i.Why)));
        Assert.Contains(_sink.Items, i => i.Audio?.Dbfs is not null);
    }

    [Fact(Timeout = 30000)]
    public async Task A_source_without_sound_is_run_and_says_why_nothing_is_found()
    {
        await using var video = Video(10);
        var summary = await RunAsync(video, null);
        Assert.Equal(10, summary.FramesProcessed);
        Assert.All(_sink.Items, i => Assert.Equal("no audio", i.Why));
        Assert.Null(summary.AvOffsetMs);
    }

    [Fact(Timeout = 30000)]
    public async Task Sound_that_ends_early_leaves_the_rest_of_the_pictures_without_it()
    {
        await using var video = Video(100);
        await using var audio = Audio(1.0);
        var summary = await RunAsync(video, audio);
        Assert.Equal(100, summary.FramesProcessed);
        Assert.Equal("no audio", _sink.Items[^1].Why);
        Assert.True(_counters["audio.missing"].Value > 0);
    }

    [Fact(Timeout = 30000)]
    public async Task The_time_limit_counts_the_sources_own_time()
    {
        await using var video = Video(100);
        await using var audio = Audio(4.0);
        var summary = await RunAsync(video, audio, new EngineSettings { Seconds = 2 });
        Assert.Equal(50, summary.FramesProcessed);
        Assert.Equal("time limit", summary.Ended);
    }

    [Fact(Timeout = 30000)]
    public async Task A_stalled_sink_of_a_live_run_costs_neither_the_engine_nor_another_sink_anything()
    {
        using var release = new SemaphoreSlim(0);
        await using var video = new FakeVideo(_clock, _counters, live: true, new DeliveryPolicy.Lossless(1000));
        var stalled = new CollectingSink(new DeliveryPolicy.LatestOnly()) { Name = "stalled", OnWrite = async (_, token) => await release.WaitAsync(token) };
        var run = RunAsync(video, null, sinks: [stalled, _sink]);
        await RunningAsync();
        for (var i = 0; i < 200; i++)
        {
            video.Add(Frame * i);
        }

        video.Channel.Complete();
        while (_sink.Items.Count < 200)
        {
            await Task.Delay(5, Token);
        }

        release.Release(1000);
        await run;
        Assert.Equal(200, _sink.Items.Count);
        Assert.Equal(200 - stalled.Items.Count, _counters["sink.stalled.dropped.newest_wins"].Value);
    }

    [Fact(Timeout = 30000)]
    public async Task An_exception_out_of_a_sink_is_counted_and_logged_and_the_engine_goes_on()
    {
        await using var video = Video(20);
        var broken = new CollectingSink { Name = "broken", OnWrite = (_, _) => throw new IOException("no space left") };
        var summary = await RunAsync(video, null, sinks: [broken, _sink]);
        Assert.Equal(20, _sink.Items.Count);
        Assert.Equal(20, summary.Counters["sink.broken.errors"]);
        Assert.Contains(_log.Lines, l => l.Contains("no space left", StringComparison.Ordinal));
    }

    [Fact(Timeout = 30000)]
    public async Task A_source_that_breaks_ends_the_run_with_its_error_after_the_sinks_are_finished()
    {
        await using var video = new FakeVideo(_clock, _counters, live: false);
        video.Add(TimeSpan.Zero);
        video.Channel.Complete(new SourceException("the cable is out"));
        var error = await Assert.ThrowsAsync<SourceException>(() => RunAsync(video, null));
        Assert.Equal("the cable is out", error.Message);
        Assert.Equal("the cable is out", _sink.Summary!.Ended);
        Assert.Single(_sink.Items);
    }

    [Fact(Timeout = 30000)]
    public async Task A_localizer_that_breaks_ends_the_run_with_its_error_after_the_sinks_are_finished()
    {
        await using var video = Video(10);
        var calls = 0;
        var localizer = new CornerLocalizer { OnLocalize = () => _ = ++calls == 4 ? throw new InvalidDataException("the network answers nonsense") : 0 };
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(video, null, localizer: localizer));
        Assert.True(error.Data.Contains(Engine.WhileRunning));
        Assert.Equal((3, "the network answers nonsense"), (_sink.Items.Count, _sink.Summary!.Ended));
    }

    [Fact(Timeout = 30000)]
    public async Task A_sink_that_cannot_start_ends_the_run_and_the_others_are_put_away()
    {
        await using var video = Video(1);
        var error = await Assert.ThrowsAsync<IOException>(() => RunAsync(video, null, sinks: [_sink, new CollectingSink { Name = "second", StartError = new IOException("no room") }]));
        Assert.False(error.Data.Contains(Engine.WhileRunning));
        Assert.True(_sink.Disposed);
        Assert.Null(_sink.Summary);
    }

    [Fact(Timeout = 30000)]
    public async Task A_change_of_size_starts_the_localizer_afresh()
    {
        await using var video = new FakeVideo(_clock, _counters, live: false);
        video.Add(Frame * 0);
        video.Add(Frame * 1);
        video.Add(Frame * 2, 32, 24);
        video.Channel.Complete();
        var localizer = new CornerLocalizer();
        await RunAsync(video, null, localizer: localizer);
        Assert.Equal(2, localizer.Resets);
        Assert.Equal(1, _counters["engine.resets"].Value);
    }

    [Fact(Timeout = 30000)]
    public async Task Frames_that_a_slow_live_engine_missed_are_attributed()
    {
        await using var video = new FakeVideo(_clock, _counters, live: true);
        using var first = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var localizer = new CornerLocalizer
        {
            OnLocalize = () =>
            {
                first.Release();
                Assert.True(go.Wait(TimeSpan.FromSeconds(10)), "the test does not go on");
            },
        };
        var run = RunAsync(video, null, localizer: localizer);
        await RunningAsync();
        video.Add(Frame * 0);
        Assert.True(await first.WaitAsync(TimeSpan.FromSeconds(10), Token));
        for (var i = 1; i < 10; i++)
        {
            video.Add(Frame * i);
        }

        video.Channel.Complete();
        go.Release(100);
        var summary = await run;
        Assert.Equal(3, summary.FramesProcessed);
        Assert.Equal(7, summary.FramesDropped["newest_wins"]);
        Assert.Equal(10, summary.FramesIn);
        Assert.False(summary.FramesDropped.ContainsKey("unattributed"));
        Assert.Equal(7, _sink.Dropped.SelectMany(d => d).Sum(d => d.Count));
    }

    [Fact(Timeout = 30000)]
    public async Task What_a_live_source_delivered_before_the_engine_was_ready_is_not_called_dropped()
    {
        await using var video = new FakeVideo(_clock, _counters, live: true);
        for (var i = 0; i < 10; i++)
        {
            video.Add(Frame * i);
        }

        video.Channel.Complete();
        var summary = await RunAsync(video, null);
        Assert.Equal((0L, 10L), (summary.FramesIn, summary.Counters["engine.before_start"]));
        Assert.Empty(summary.FramesDropped);
    }

    [Fact(Timeout = 60000)]
    public async Task The_hot_path_allocates_nothing()
    {
        await using var video = Video(640);
        await using var audio = Audio(25.6);
        var summary = await RunAsync(video, audio);
        Assert.Equal(640, summary.FramesProcessed);
        Assert.Equal(0, summary.AllocatedBytesPerFrame);
    }

    /// <summary>Until the engine reads frames: what comes before that is not its business.</summary>
    private async Task RunningAsync()
    {
        while (!_counters.All.Any(c => c.Name == "engine.before_start"))
        {
            await Task.Delay(5, Token);
        }
    }

    private FakeVideo Video(int frames)
    {
        var video = new FakeVideo(_clock, _counters, live: false);
        for (var i = 0; i < frames; i++)
        {
            video.Add(Frame * i);
        }

        video.Channel.Complete();
        return video;
    }

    private FakeAudio Audio(double seconds, Func<double, bool>? sounds = null)
    {
        var audio = new FakeAudio(_clock, _counters, live: false);
        for (var n = 0; n < seconds * FakeAudio.Rate; n += 320)
        {
            audio.Add(320, i => sounds?.Invoke((double)i / FakeAudio.Rate) ?? true ? MathF.Sin(i * 0.3f) * 0.5f : 0);
        }

        audio.Channel.Complete();
        return audio;
    }

    private Task<RunSummary> RunAsync(
        FakeVideo video, FakeAudio? audio, EngineSettings? settings = null, ILocalizer? localizer = null, IReadOnlyList<ISink>? sinks = null)
    {
        var parts = new EngineParts("cam0", video, audio, localizer ?? new CornerLocalizer(), sinks ?? [_sink], "");
        return new Engine(parts, settings ?? new EngineSettings(), new DetectorSettings(), new TrackerSettings(), _clock, _counters, _log).RunAsync(Token);
    }
}
