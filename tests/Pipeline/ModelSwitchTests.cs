using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline;

/// <summary>Another model takes over while the engine runs, and nobody who watches misses a frame.</summary>
public sealed class ModelSwitchTests : IAsyncDisposable
{
    private const int Limit = 120_000;
    private static readonly TimeSpan Frame = TimeSpan.FromSeconds(0.04);
    private readonly MonotonicClock _clock = new();
    private readonly Counters _counters = new();
    private readonly ListLog _log = new();
    private readonly FakeVideo _video;
    private readonly FakeAudio _audio;
    private readonly List<(string Model, string? Sha)> _models = [];
    private readonly CollectingSink _sink;
    private ModelSwitch? _switch;
    private int _frames;

    public ModelSwitchTests()
    {
        (_video, _audio) = (new FakeVideo(_clock, _counters, live: false), new FakeAudio(_clock, _counters, live: false));
        _sink = new CollectingSink
        {
            OnWrite = (found, _) =>
            {
                _models.Add((found.Model.Name, found.Model.Sha256));
                return ValueTask.CompletedTask;
            },
        };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_switch is not null)
        {
            await _switch.DisposeAsync();
        }

        await _video.DisposeAsync();
        await _audio.DisposeAsync();
    }

    [Fact(Timeout = Limit)]
    public async Task To_and_fro_between_packages_of_different_front_ends_without_a_gap()
    {
        using var tiny = new TinyPackage();
        tiny.Write();
        var other = TinyPackage.Audio with { Id = "other", Rate = 22050, Hop = 300, Columns = 150 };
        tiny.WriteAs("other", other, 5000);
        var options = new LocalizerOptions(_log) { Device = "cpu", ModelsFolder = tiny.ModelsFolder };
        var run = Start("tiny", name => LocalizerFactory.Create(name, options), () => LocalizerFactory.Available(tiny.ModelsFolder));

        await PlayAsync(100);
        foreach (var name in (string[])["other", "tiny", "other", "synchrony", "tiny"])
        {
            var answer = await WhilePlayingAsync(_switch!.RequestAsync(name));
            Assert.Equal((name, name, null), (answer.Requested, answer.Model.Name, answer.Error));
            await PlayAsync(10);
        }

        var summary = await EndAsync(run);

        // Every frame, once, in order; and one model after the other.
        Assert.Equal(Enumerable.Range(0, _frames).Select(i => (long)i), _sink.Items.Select(i => i.Seq));
        Assert.Empty(summary.FramesDropped);
        Assert.Equal(["tiny", "other", "tiny", "other", "synchrony", "tiny"], Runs(_models.Select(m => m.Model)));
        Assert.Equal(["tiny", "other", "tiny", "other", "synchrony", "tiny"], summary.Models.Select(m => m.Model.Name));
        Assert.All(summary.Models, use => Assert.Equal(use.Model.Name, _models[(int)use.FromSeq].Model));
        Assert.Equal(5, _counters["engine.model_switches"].Value);

        // Sound that is known is known to the next model, too: its very first window is full.
        Assert.All(_sink.Items.Skip(50), i => Assert.DoesNotContain(i.Why ?? "", (string[])["listening", "no audio", "silent"], StringComparer.Ordinal));
        foreach (var use in summary.Models.Skip(1).Where(m => m.Model.Name == "other"))
        {
            var window = _sink.Items[(int)use.FromSeq].Audio!.Value;
            Assert.Equal(other.WindowSeconds, (window.To - window.From).TotalSeconds, 0.001);
        }

        Assert.Equal(0, _counters["audio.resets"].Value + _counters["audio.gaps"].Value);
    }

    [Fact(Timeout = Limit)]
    public async Task The_first_window_of_a_new_model_is_what_it_would_have_been_from_the_start()
    {
        var next = AudioFrontEnds.SslAlign with { Columns = 100 };
        var seen = new TaskCompletionSource<float[]>();
        var run = Start("corner", name => name == "corner" ? new CornerLocalizer() : new Listener(next, seen), () => ["corner", "listener"]);
        await PlayAsync(100);
        await WhilePlayingAsync(_switch!.RequestAsync("listener"));
        await EndAsync(run);

        var at = _models.FindIndex(m => m.Model == "listener");
        var window = _sink.Items[at].Audio!.Value;
        using var alone = new Scene(next);
        alone.Play(window.To.TotalSeconds + 1, n => (float)Tone(n) / 2);
        var expected = new float[next.Rows * next.Columns];
        alone.Window(_sink.Items[at].Time).CopyTo(expected);
        var actual = await seen.Task;
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact(Timeout = Limit)]
    public async Task Ids_stay_and_the_old_model_is_put_away()
    {
        var made = new List<CornerLocalizer>();
        var run = Start("a", Make, () => ["a", "b"]);
        await PlayAsync(50);
        await WhilePlayingAsync(_switch!.RequestAsync("b"));
        await PlayAsync(20);
        Assert.Equal([true, false], made.Select(m => m.Disposed));
        await EndAsync(run);

        Assert.Equal(["a", "b"], Runs(_models.Select(m => m.Model)));
        Assert.Equal([1], _sink.Items.SelectMany(i => i.Sources).Select(s => s.Id).Distinct());
        Assert.All(_sink.Items.Skip(10), i => Assert.Single(i.Sources));

        CornerLocalizer Make(string name)
        {
            made.Add(new CornerLocalizer(name));
            return made[^1];
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Whoever_asks_for_nonsense_again_and_again_is_answered_and_does_not_fill_the_log()
    {
        var run = Start("a", name => new CornerLocalizer(name), () => ["a"]);
        for (var i = 0; i < 100; i++)
        {
            Assert.Contains("unknown", (await _switch!.RequestAsync($"nonsense{i}")).Error, StringComparison.Ordinal);
        }

        await EndAsync(run);
        Assert.Equal(100, _counters["engine.model_refused"].Value);
        Assert.Single(_log.Lines, l => l.Contains("nonsense", StringComparison.Ordinal));
    }

    [Theory(Timeout = Limit)]
    [InlineData("missing", "not there")]
    [InlineData("cold", "does not run")]
    [InlineData("late", "does not run any more")]
    public async Task A_model_that_cannot_run_leaves_the_old_one(string name, string reason)
    {
        var run = Start("a", Make, () => ["a", "missing", "cold", "late"]);
        await PlayAsync(30);
        var answer = await WhilePlayingAsync(_switch!.RequestAsync(name));
        await PlayAsync(20);
        var summary = await EndAsync(run);

        Assert.Equal((name, "a", reason), (answer.Requested, answer.Model.Name, answer.Error));
        Assert.Equal(["a"], Runs(_models.Select(m => m.Model)));
        Assert.Equal((_frames, 1L), (_sink.Items.Count, summary.Counters["engine.model_refused"]));
        Assert.Contains(_log.Lines, l => l.Contains(reason, StringComparison.Ordinal) && l.Contains("a runs on", StringComparison.Ordinal));
        Assert.Equal("a", _switch.Selected);

        static ILocalizer Make(string name)
        {
            var calls = 0;
            return name switch
            {
                "missing" => throw new InferenceException("not there"),
                "cold" => new CornerLocalizer(name) { OnLocalize = () => throw new InferenceException("does not run") },
                "late" => new CornerLocalizer(name) { OnLocalize = () => calls = calls == 0 ? 1 : throw new InferenceException("does not run any more") },
                _ => new CornerLocalizer(name),
            };
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("nobody")]
    [InlineData("../b")]
    [InlineData("/etc")]
    [InlineData("a+nobody")]
    [InlineData("")]
    public async Task Only_models_that_there_are_can_be_asked_for(string name)
    {
        var run = Start("a", n => new CornerLocalizer(n), () => ["a", "b"]);
        var answer = await _switch!.RequestAsync(name);
        await EndAsync(run);
        Assert.Contains("unknown; there are a, b", answer.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Of_many_requests_the_newest_wins_and_all_are_answered()
    {
        using var go = new SemaphoreSlim(0);
        using var loading = new SemaphoreSlim(0);
        var run = Start("a", Make, () => ["a", "b", "c", "d"]);
        await PlayAsync(10);
        var first = _switch!.RequestAsync("b");
        Assert.True(await loading.WaitAsync(TimeSpan.FromSeconds(10), Token));
        var (second, third) = (_switch.RequestAsync("c"), _switch.RequestAsync("d"));
        go.Release(10);
        Assert.Null((await WhilePlayingAsync(first)).Error);
        Assert.Contains("another model", (await WhilePlayingAsync(second)).Error, StringComparison.Ordinal);
        Assert.Null((await WhilePlayingAsync(third)).Error);
        await PlayAsync(5);
        await EndAsync(run);
        Assert.Equal(["a", "b", "d"], Runs(_models.Select(m => m.Model)));

        ILocalizer Make(string name)
        {
            if (name == "b")
            {
                loading.Release();
                Assert.True(go.Wait(TimeSpan.FromSeconds(20)), "the test does not go on");
            }

            return new CornerLocalizer(name);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Who_changes_his_mind_while_another_model_is_loaded_gets_the_first_one_back()
    {
        using var go = new SemaphoreSlim(0);
        using var loading = new SemaphoreSlim(0);
        var run = Start("a", Make, () => ["a", "b"]);
        await PlayAsync(10);
        var there = _switch!.RequestAsync("b");
        Assert.True(await loading.WaitAsync(TimeSpan.FromSeconds(10), Token));
        var back = _switch.RequestAsync("a");
        Assert.False(back.IsCompleted);
        go.Release();
        await WhilePlayingAsync(there);
        Assert.Equal(("a", null), ((await WhilePlayingAsync(back)).Model.Name, (await back).Error));
        await EndAsync(run);
        Assert.Equal("a", _switch.Selected);

        ILocalizer Make(string name)
        {
            if (name == "b")
            {
                loading.Release();
                Assert.True(go.Wait(TimeSpan.FromSeconds(20)), "the test does not go on");
            }

            return new CornerLocalizer(name);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Who_asks_when_the_run_is_over_is_told_so()
    {
        var run = Start("a", n => new CornerLocalizer(n), () => ["a", "b"]);
        await PlayAsync(5);
        await EndAsync(run);
        var pending = _switch!.RequestAsync("b");
        await _switch.DisposeAsync();
        Assert.Equal("the run is over", (await pending).Error);
        Assert.Equal("the run is over", (await _switch.LoadAsync("b")).Error);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_request_the_hot_path_allocates_nothing()
    {
        var run = Start("a", n => new CornerLocalizer(n), () => ["a"]);
        await PlayAsync(640, pause: false);
        var summary = await EndAsync(run);
        Assert.Equal((640L, 0.0), (summary.FramesProcessed, summary.AllocatedBytesPerFrame));
    }

    private static double Tone(long sample) => 0.5 * Math.Sin(2 * Math.PI * 330 * sample / FakeAudio.Rate) * (1 + Math.Sin(sample * 0.0007));

    private static List<string> Runs(IEnumerable<string> names)
    {
        var runs = new List<string>();
        foreach (var name in names)
        {
            if (runs.Count == 0 || runs[^1] != name)
            {
                runs.Add(name);
            }
        }

        return runs;
    }

    private Task<RunSummary> Start(string name, Func<string, ILocalizer> load, Func<IReadOnlyList<string>> available)
    {
        _switch = new ModelSwitch(name, load, available, _counters, _log);
        var parts = new EngineParts("cam0", _video, _audio, _switch, [_sink], "");
        return new Engine(parts, new EngineSettings(), new DetectorSettings(), new TrackerSettings(), _clock, _counters, _log).RunAsync(Token);
    }

    /// <summary>More of the stream: each frame after its sound.</summary>
    private async Task PlayAsync(int frames, bool pause = true)
    {
        for (var i = 0; i < frames; i++)
        {
            _audio.Add((int)(FakeAudio.Rate * Frame.TotalSeconds), n => (float)Tone(n) / 2);
            _video.Add(Frame * _frames++);
            if (pause)
            {
                await Task.Delay(1, Token);
            }
        }
    }

    private async Task<ModelAnswer> WhilePlayingAsync(Task<ModelAnswer> answer)
    {
        while (!answer.IsCompleted)
        {
            await PlayAsync(1);
            await Task.Delay(4, Token);
        }

        return await answer;
    }

    private async Task<RunSummary> EndAsync(Task<RunSummary> run)
    {
        _audio.Channel.Complete();
        _video.Channel.Complete();
        return await run;
    }

    /// <summary>Keeps the first real window that it hears.</summary>
    private sealed class Listener(AudioFrontEnd frontEnd, TaskCompletionSource<float[]> seen) : ILocalizer
    {
        private int _calls;

        public LocalizerInfo Info { get; } = new("listener", null, new DeviceChoice("cpu", "cpu", null));

        public AudioFrontEnd FrontEnd => frontEnd;

        public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
        {
            if (_calls++ == 1)
            {
                var window = new float[frontEnd.Rows * frontEnd.Columns];
                audio.CopyTo(window);
                seen.SetResult(window);
            }

            output.Heatmap.Resize(1, 1);
            (output.Presence, output.Why) = (0, "silent");
        }

        public void Reset()
        {
        }

        public void Dispose()
        {
        }
    }
}
