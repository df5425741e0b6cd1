using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Pipeline;

public sealed class PooledTests
{
    [Fact]
    public void A_frame_goes_back_with_its_last_reader_and_is_lent_again()
    {
        var pool = new FramePool();
        var frame = pool.Rent(32, 16);
        frame.Retain();
        frame.Dispose();
        var other = pool.Rent(32, 16);
        Assert.NotSame(frame, other);
        frame.Dispose();
        Assert.Same(frame, pool.Rent(32, 16));
    }

    [Fact]
    public void Giving_back_twice_is_an_error_and_not_a_double_loan()
    {
        var frame = new FramePool().Rent(8, 8);
        frame.Dispose();
        Assert.Throws<ObjectDisposedException>(frame.Dispose);
        Assert.Throws<ObjectDisposedException>(frame.Retain);
    }

    [Fact]
    public void A_new_picture_size_renews_the_stock()
    {
        var pool = new FramePool();
        pool.Rent(32, 16).Dispose();
        var wide = pool.Rent(64, 16);
        Assert.Equal((64, 16, 64 * 16 * 3), (wide.Width, wide.Height, wide.Pixels.Length));
    }
}
