using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Pipeline;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_right_within_two_per_cent_over_six_decades()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 100_000; i++)
        {
            histogram.Add(i * 0.01);
        }

        Assert.Equal(500, histogram.Quantile(0.5), 500 * 0.02);
        Assert.Equal(990, histogram.Quantile(0.99), 990 * 0.02);
        Assert.Equal(1000, histogram.Percentiles().Max);
    }

    [Fact]
    public void An_empty_one_is_zero()
    {
        Assert.Equal(new Percentiles(0, 0, 0, 0), new LatencyHistogram().Percentiles());
    }
}
