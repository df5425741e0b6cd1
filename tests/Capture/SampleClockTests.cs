using RealtimeSsl.Capture.Microphone;

namespace RealtimeSsl.Tests.Capture;

public sealed class SampleClockTests
{
    private const int Rate = 48000;
    private const int Block = 480;

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    [InlineData(0)]
    public void Drift_is_found_and_jitter_is_smoothed(double ppm)
    {
        var clock = new SampleClock(Rate);
        var random = new Random(1);
        var worst = 0.0;
        for (long n = 1; n <= 12000; n++)
        {
            var truth = n * Block / (Rate * (1 + ppm * 1e-6));
            Assert.True(clock.Update(n * Block, TimeSpan.FromSeconds(truth + 0.004 * random.NextDouble())));
            if (n > 6000)
            {
                worst = Math.Max(worst, Math.Abs(clock.TimeOf(n * Block).TotalSeconds - truth - 0.002));
            }
        }

        Assert.InRange(worst, 0, 0.0008);
        Assert.Equal(ppm, clock.DriftPpm, 40.0);
    }

    [Fact]
    public void A_leap_is_believed_and_told()
    {
        var clock = new SampleClock(Rate);
        for (long n = 1; n <= 100; n++)
        {
            Assert.True(clock.Update(n * Block, TimeSpan.FromSeconds(n * 0.01)));
        }

        Assert.False(clock.Update(101 * Block, TimeSpan.FromSeconds(1.01 + 0.2)));
        Assert.Equal(1.21, clock.TimeOf(101 * Block).TotalSeconds, 6);
    }
}
