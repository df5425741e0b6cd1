using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Bindings;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Flow;

/// <summary>The motion stage on pictures that move by known amounts.</summary>
public sealed class OpticalFlowTests : IDisposable
{
    private const int Size = 64;

    private static readonly ImageFrontEnd View = new() { Id = "test", Width = Size, Height = Size };
    private static readonly FlowFrontEnd Pixels = new() { Channels = FlowChannels.Xy, Divisor = 1 };

    private readonly FramePool _frames = new();
    private readonly List<VideoFrame> _lent = [];

    public void Dispose() => _lent.ForEach(f => f.Dispose());

    [Theory]
    [InlineData(40, 2.0)]
    [InlineData(80, 1.0)]
    public void Motion_is_in_pixels_of_the_picture_per_40_ms(int milliseconds, double expected)
    {
        using var flow = new OpticalFlow(View, Pixels);

        // Twice as large as what the stage looks at: 2 pixels are 1 there.
        var moved = Fill(flow, Frame(0, 0, 2 * Size), Frame(milliseconds, 2, 2 * Size));

        Assert.Equal(expected, Middle(moved, 0), 0.4);
        Assert.Equal(0, Middle(moved, 1), 0.3);
    }

    [Fact]
    public void Motion_to_the_left_is_lost_only_when_clipped_as_by_the_authors()
    {
        using var signed = new OpticalFlow(View, Pixels with { Divisor = 255 });
        using var clipped = new OpticalFlow(View, Pixels with { Divisor = 255, ClipLikeAuthors = true });
        var (before, after) = (Frame(0, 4, Size), Frame(40, 1, Size));

        Assert.Equal(-3 / 255.0, Middle(Fill(signed, before, after), 0), 0.7 / 255);
        Assert.All(Fill(clipped, before, after)[..(Size * Size)], v => Assert.InRange(v, 0, 1 / 255f));
    }

    [Fact]
    public void A_magnitude_has_one_plane_and_its_own_scale()
    {
        using var flow = new OpticalFlow(View, new FlowFrontEnd { Channels = FlowChannels.Magnitude, Offset = 5, Divisor = 200 });

        var moved = Fill(flow, Frame(0, 4, Size), Frame(40, 1, Size));

        Assert.Equal(Size * Size, moved.Length);
        Assert.Equal((3 + 5) / 200.0, Middle(moved, 0), 0.7 / 200);
    }

    [Fact]
    public void Nothing_has_moved_at_first_after_a_gap_a_cut_or_a_change_of_size()
    {
        using var flow = new OpticalFlow(View, Pixels);
        var tensor = new float[flow.Length];
        Still(Frame(0, 0, Size));
        Still(Frame(2000, 5, Size));
        flow.Reset();
        Still(Frame(2040, 9, Size));
        Still(Frame(2080, 0, 2 * Size));

        void Still(VideoFrame frame)
        {
            tensor.AsSpan().Fill(7);
            flow.Fill(frame, tensor);
            Assert.All(tensor, v => Assert.Equal(0, v));
        }
    }

    [Fact]
    public void A_frame_that_was_only_seen_is_what_the_next_is_compared_with()
    {
        using var flow = new OpticalFlow(View, Pixels);
        flow.See(Frame(0, 0, Size));
        flow.See(Frame(40, 3, Size));
        var tensor = new float[flow.Length];

        flow.Fill(Frame(80, 3, Size), tensor);

        Assert.Equal(0, Middle(tensor, 0), 0.2);
    }

    [Fact]
    public void Watching_allocates_nothing()
    {
        Flavour.SkipOnRealPackage("it wraps each argument of a call in an object, 2.5 kB for each flow");
        using var flow = new OpticalFlow(View, Pixels);
        var tensor = new float[flow.Length];
        VideoFrame[] frames = [Frame(0, 0, Size), Frame(40, 2, Size)];

        Assert.Equal(0, Allocations.LeastOfRounds(i => flow.Fill(frames[i % 2], tensor)));
    }

    private static float[] Fill(OpticalFlow flow, VideoFrame before, VideoFrame after)
    {
        var tensor = new float[flow.Length];
        flow.Fill(before, tensor);
        flow.Fill(after, tensor);
        return tensor;
    }

    /// <summary>Mean over the middle of a plane.</summary>
    private static double Middle(float[] tensor, int plane) => Enumerable.Range(0, 16 * 16)
        .Average(i => (double)tensor[plane * Size * Size + (24 + i / 16) * Size + 24 + i % 16]);

    /// <summary>A smooth pattern, moved to the right.</summary>
    private VideoFrame Frame(int milliseconds, int shift, int size)
    {
        var time = TimeSpan.FromMilliseconds(milliseconds);
        var frame = _frames.Rent(size, size).Stamp(_lent.Count, time, time);
        _lent.Add(frame);
        var grain = size / 64.0;
        for (var i = 0; i < size * size; i++)
        {
            var (x, y) = ((i % size - shift) / grain, i / size / grain);
            var value = 128 + 50 * Math.Sin(0.35 * x + 0.1 * y) + 50 * Math.Sin(0.3 * y - 0.15 * x);
            frame.Pixels.Slice(3 * i, 3).Fill((byte)value);
        }

        return frame;
    }
}
