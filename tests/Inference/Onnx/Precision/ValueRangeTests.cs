using RealtimeSsl.Inference.Onnx.Precision;

namespace RealtimeSsl.Tests.Inference.Onnx.Precision;

/// <summary>Which range a value gets: all that was seen, or less where that rounds finer at little loss.</summary>
public sealed class ValueRangeTests
{
    [Fact]
    public void Zero_is_always_within() => Assert.Equal((0, 7), Seen([3, 5, 7]).By(RangeRule.MinMax));

    [Fact]
    public void Extremes_are_what_was_seen() => Assert.Equal((-4, 9), Seen([-4, 0, 9, 1]).By(RangeRule.MinMax));

    [Theory]
    [InlineData(RangeRule.Percentile)]
    [InlineData(RangeRule.LeastError)]
    public void One_far_away_number_among_many_is_cut(RangeRule rule)
    {
        float[] values = [.. Enumerable.Range(0, 200_000).Select(i => i % 1000 / 1000f), 3];
        var (low, high) = Seen(values).By(rule);
        Assert.Equal(0, low);
        Assert.InRange(high, 0.9f, 2.9f);
    }

    [Fact]
    public void Evenly_spread_numbers_keep_nearly_all_of_their_range()
    {
        var (low, high) = Seen([.. Enumerable.Range(0, 10_000).Select(i => i / 5000f - 1)]).By(RangeRule.LeastError);
        Assert.InRange(low, -1f, -0.97f);
        Assert.InRange(high, 0.97f, 1f);
    }

    [Fact]
    public void Nothing_but_zeros_is_a_range_of_nothing() => Assert.Equal((0, 0), Seen(new float[10]).By(RangeRule.LeastError));

    private static ValueRange Seen(float[] values)
    {
        var range = new ValueRange();
        range.Widen(values);
        range.Count(values);
        return range;
    }
}
