using OpenCvSharp;

namespace RealtimeSsl.Pipeline;

/// <summary>One picture of a source: BGR, 8 bits, packed rows, in a pooled buffer. Read-only once it left its source.</summary>
public sealed class VideoFrame : Carrier
{
    private readonly FramePool _pool;
    private TimeSpan _time;
    private TimeSpan _arrived;

    internal VideoFrame(FramePool pool, int width, int height)
    {
        _pool = pool;
        Image = new Mat(height, width, MatType.CV_8UC3);
    }

    /// <summary>The picture: Height x Width, CV_8UC3, channel order B, G, R. Do not draw into it: other readers share it.</summary>
    public Mat Image { get; }

    /// <summary>Width in pixels.</summary>
    public int Width => Image.Width;

    /// <summary>Height in pixels.</summary>
    public int Height => Image.Height;

    /// <summary>Counts the source's frames from 0, also those that were dropped later: a gap in it is a drop.</summary>
    public long Seq { get; private set; }

    /// <inheritdoc/>
    public override TimeSpan Time => _time;

    /// <inheritdoc/>
    public override TimeSpan Arrived => _arrived;

    /// <summary>The pixels, row-major, 3 bytes each (B, G, R), Width * 3 bytes a row. Only the source that rented the frame writes to them.</summary>
    public unsafe Span<byte> Pixels => new((void*)Image.Data, Width * Height * 3);

    /// <summary>Stamps the frame; called once by its source, before it passes the frame on.</summary>
    public VideoFrame Stamp(long seq, TimeSpan time, TimeSpan arrived)
    {
        (Seq, _time, _arrived) = (seq, time, arrived);
        return this;
    }

    /// <inheritdoc/>
    protected override void Return() => _pool.Return(this);

    internal void Free() => Image.Dispose();
}

/// <summary>Frames of one size, reused. A change of size (a camera reconfigured, the next file of a folder) renews the stock.</summary>
/// <param name="capacity">How many idle frames to keep.</param>
public sealed class FramePool(int capacity = 8)
{
    private readonly ObjectPool<VideoFrame> _idle = new(capacity);

    /// <summary>A frame of that size with undefined content and one reference, for the caller to fill, stamp and pass on.</summary>
    public VideoFrame Rent(int width, int height)
    {
        while (_idle.TryTake() is { } frame)
        {
            if (frame.Width == width && frame.Height == height)
            {
                frame.Lend();
                return frame;
            }

            frame.Free();
        }

        var fresh = new VideoFrame(this, width, height);
        fresh.Lend();
        return fresh;
    }

    internal void Return(VideoFrame frame)
    {
        if (!_idle.TryReturn(frame))
        {
            frame.Free();
        }
    }
}
