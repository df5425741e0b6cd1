using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Pipeline;

public sealed class TrackerTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromSeconds(0.04);
    private readonly Tracker _tracker = new(new TrackerSettings());
    private readonly List<SoundSource> _sources = [];
    private TimeSpan _now;

    [Fact]
    public void One_lucky_frame_is_no_track()
    {
        Step(At(0.3f));
        Assert.Empty(_sources);
        Step();
        Assert.Empty(_sources);
        Assert.Equal(0, _tracker.Born);
    }

    [Fact]
    public void A_source_keeps_its_id_while_it_moves()
    {
        var ids = new HashSet<int>();
        for (var i = 0; i < 50; i++)
        {
            Step(At(0.2f + 0.01f * i));
            ids.UnionWith(_sources.Select(s => s.Id));
        }

        Assert.Equal([1], ids);
    }

    [Fact]
    public void Two_sources_that_swap_ranks_keep_their_ids()
    {
        for (var i = 0; i < 20; i++)
        {
            Step(At(0.2f, i % 2 == 0 ? 0.9f : 0.6f), At(0.8f, 0.7f));
        }

        Assert.Equal(2, _tracker.Born);
        Assert.Equal(2, _sources.Count);
        Assert.True(_sources.Single(s => s.Box.Contains(0.2f, 0.5f)).Id != _sources.Single(s => s.Box.Contains(0.8f, 0.5f)).Id);
    }

    [Theory]
    [InlineData(7.0)]
    [InlineData(25.0)]
    [InlineData(60.0)]
    public void A_track_ends_within_half_a_second_of_its_last_detection_at_any_frame_rate(double fps)
    {
        var step = TimeSpan.FromSeconds(1 / fps);
        for (var i = 0; i < 20; i++)
        {
            Step(step, At(0.5f));
        }

        var id = Assert.Single(_sources).Id;
        var last = _now;
        while (_now - last <= TimeSpan.FromSeconds(0.5))
        {
            Step(step);
        }

        Assert.Empty(_sources);
        for (var i = 0; i < 20; i++)
        {
            Step(step, At(0.5f));
        }

        Assert.NotEqual(id, Assert.Single(_sources).Id);
    }

    [Fact]
    public void A_short_miss_is_bridged_but_not_by_a_silent_track()
    {
        for (var i = 0; i < 10; i++)
        {
            Step(At(0.5f));
        }

        Step();
        Assert.Single(_sources);
        _sources.Clear();
        _tracker.Update(_sources, _now += Frame, silent: true);
        Assert.Empty(_sources);
        Step(At(0.5f));
        Assert.Equal(1, Assert.Single(_sources).Id);
    }

    [Fact]
    public void Age_is_the_sources_own_time()
    {
        for (var i = 0; i < 26; i++)
        {
            Step(At(0.5f));
        }

        Assert.Equal(1.0, Assert.Single(_sources).Age, 6);
    }

    private static SoundSource At(float x, float score = 0.8f) => new(0, null, score, new Box(x - 0.1f, 0.4f, x + 0.1f, 0.6f), x, 0.5f, 0);

    private void Step(params SoundSource[] detections) => Step(Frame, detections);

    private void Step(TimeSpan step, params SoundSource[] detections)
    {
        _sources.Clear();
        _sources.AddRange(detections);
        _tracker.Update(_sources, _now += step, silent: false);
    }
}
