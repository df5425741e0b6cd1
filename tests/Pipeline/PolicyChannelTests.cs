using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Pipeline;

public sealed class PolicyChannelTests
{
    private readonly ManualClock _clock = new();
    private readonly Counters _counters = new();
    private readonly AudioBlockPool _pool = new();

    [Fact]
    public void Newest_wins_and_what_it_displaced_is_counted_and_given_back()
    {
        var channel = new PolicyChannel<AudioBlock>("x", new DeliveryPolicy.LatestOnly(2), _clock, _counters);
        var blocks = Enumerable.Range(0, 5).Select(Block).ToArray();
        foreach (var block in blocks)
        {
            Assert.True(channel.TryWrite(block));
        }

        Assert.Equal(3, _counters["x.dropped.newest_wins"].Value);
        Assert.True(channel.TryRead(out var first));
        Assert.Equal(3, first.Position);
        Assert.Throws<ObjectDisposedException>(() => blocks[0].Retain());
    }

    [Fact]
    public async Task Lossless_makes_the_writer_wait_and_loses_nothing()
    {
        var token = TestContext.Current.CancellationToken;
        var channel = new PolicyChannel<AudioBlock>("x", new DeliveryPolicy.Lossless(2), _clock, _counters);
        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await channel.WriteAsync(Block(i), token);
                }

                channel.Complete();
            },
            token);
        var seen = new List<long>();
        await foreach (var block in channel.ReadAllAsync(token))
        {
            seen.Add(block.Position);
            block.Dispose();
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), seen);
    }

    [Fact]
    public void A_full_lossless_channel_that_may_not_wait_counts_what_it_refuses()
    {
        var channel = new PolicyChannel<AudioBlock>("x", new DeliveryPolicy.Lossless(1), _clock, _counters);
        Assert.True(channel.TryWrite(Block(0)));
        Assert.False(channel.TryWrite(Block(1)));
        Assert.Equal(1, _counters["x.dropped.full"].Value);
    }

    [Fact]
    public void Bounded_latency_drops_what_waited_too_long()
    {
        var channel = new PolicyChannel<AudioBlock>("x", new DeliveryPolicy.LatencyBounded(TimeSpan.FromMilliseconds(50)), _clock, _counters);
        channel.TryWrite(Block(0));
        _clock.Advance(TimeSpan.FromMilliseconds(60));
        channel.TryWrite(Block(1));
        Assert.True(channel.TryRead(out var block));
        Assert.Equal(1, block.Position);
        Assert.Equal(1, _counters["x.dropped.too_late"].Value);
    }

    [Fact]
    public async Task Writing_to_a_reader_that_is_gone_says_so_and_gives_the_item_back()
    {
        var channel = new PolicyChannel<AudioBlock>("x", new DeliveryPolicy.Lossless(1), _clock, _counters);
        channel.Drain();
        var block = Block(0);
        Assert.False(await channel.WriteAsync(block, TestContext.Current.CancellationToken));
        Assert.Equal(1, _counters["x.dropped.closed"].Value);
        Assert.Throws<ObjectDisposedException>(block.Retain);
    }

    private AudioBlock Block(int position) => _pool.Rent(1, 1, 8000).Stamp(position, TimeSpan.FromSeconds(position), _clock.Now);
}
