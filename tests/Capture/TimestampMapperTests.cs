using RealtimeSsl.Capture.Media;

namespace RealtimeSsl.Tests.Capture;

public sealed class TimestampMapperTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(150), Start = TimeSpan.FromSeconds(1000);
    private readonly TimestampMapper _mapper = new();
    private readonly Random _random = new(7);

    [Fact]
    public void JitterOfTheNetworkDoesNotReachTheStamps()
    {
        var stamps = Play(20, t => t, _ => TimeSpan.FromMilliseconds(_random.Next(0, 60)));
        Assert.All(stamps.Skip(50), s => Assert.InRange((s.Stamp - s.Captured - Delay).TotalMilliseconds, -1, 8));
        Assert.Equal((0, 0), (_mapper.Jumps, _mapper.Steps));
    }

    [Theory]
    [InlineData(200e-6)]
    [InlineData(-200e-6)]
    public void ASendersClockThatDriftsIsFollowed(double drift)
    {
        var stamps = Play(1800, t => t * (1 + drift), _ => TimeSpan.FromMilliseconds(_random.Next(0, 20)));
        Assert.All(stamps.Skip(100), s => Assert.InRange((s.Stamp - s.Captured - Delay).TotalMilliseconds, -20, 20));
        Assert.All(stamps.Zip(stamps.Skip(1)), p => Assert.True(p.Second.Stamp > p.First.Stamp));
        Assert.Equal((0, 0), (_mapper.Jumps, _mapper.Steps));
    }

    [Fact]
    public void WhatWasBufferedBeforeTheConnectionIsSkipped()
    {
        // 1 s of pictures comes at once, then the live ones.
        var stamps = Play(3, t => t, t => t < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) - t : TimeSpan.Zero);
        Assert.True(stamps[0].Captured >= Start + TimeSpan.FromSeconds(1));
        Assert.True(stamps[0].Captured <= Start + TimeSpan.FromSeconds(1.3));
        Assert.All(stamps, s => Assert.InRange((s.Stamp - s.Captured - Delay).TotalMilliseconds, -1, 1));
    }

    [Fact]
    public void AStallOnTheWayDelaysButDoesNotShift()
    {
        var stamps = Play(10, t => t, t => t.TotalSeconds is > 5 and < 6 ? TimeSpan.FromSeconds(6) - t : TimeSpan.Zero);
        Assert.All(stamps, s => Assert.InRange((s.Stamp - s.Captured - Delay).TotalMilliseconds, -1, 5));
        Assert.Equal(0, _mapper.Jumps);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-5)]
    public void ASenderThatBeginsAnewIsFollowedAndCounted(double jump)
    {
        var stamps = Play(10, t => t > TimeSpan.FromSeconds(5) ? t + TimeSpan.FromSeconds(jump) : t, _ => TimeSpan.Zero);
        Assert.Equal(1, _mapper.Jumps);
        Assert.All(stamps, s => Assert.InRange((s.Stamp - s.Captured - Delay).TotalMilliseconds, -1, 5));
    }

    [Fact]
    public void AShorterWayIsBelieved()
    {
        var stamps = Play(10, t => t, t => t > TimeSpan.FromSeconds(5) ? TimeSpan.FromMilliseconds(-120) : TimeSpan.Zero);
        Assert.Equal((0, 1), (_mapper.Jumps, _mapper.Steps));
        Assert.InRange((stamps[^1].Stamp - stamps[^1].Captured).TotalMilliseconds, 29, 60);
    }

    // 25 pictures a second; captured on our clock, stamped by the sender's, delayed on the way.
    private List<(TimeSpan Captured, TimeSpan Stamp)> Play(int seconds, Func<TimeSpan, TimeSpan> sender, Func<TimeSpan, TimeSpan> extra)
    {
        var (stamps, arrival) = (new List<(TimeSpan, TimeSpan)>(), TimeSpan.Zero);
        for (var i = 0; i < seconds * 25; i++)
        {
            var t = TimeSpan.FromMilliseconds(40 * i);
            var arrived = Start + t + Delay + extra(t);
            arrival = arrived > arrival ? arrived : arrival;
            if (_mapper.Map(sender(t), arrival) is { } stamp)
            {
                stamps.Add((Start + t, stamp));
            }
        }

        return stamps;
    }
}
