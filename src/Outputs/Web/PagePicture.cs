using System.Buffers;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// One picture on its way to the viewers, shared by all of them: <c>[u32 little-endian length of the JSON][JSON][JPEG of the raw frame]</c>.
/// It goes out as one WebSocket message of two fragments, so that the JPEG is never copied.
/// </summary>
internal sealed class PagePicture(ObjectPool<PagePicture> pool) : Carrier
{
    private TimeSpan _time;
    private TimeSpan _arrived;

    /// <summary>Length and JSON.</summary>
    public ArrayBufferWriter<byte> Head { get; } = new(4096);

    /// <summary>The encoded frame.</summary>
    public byte[] Jpeg { get; set; } = [];

    /// <inheritdoc/>
    public override TimeSpan Time => _time;

    /// <inheritdoc/>
    public override TimeSpan Arrived => _arrived;

    /// <summary>An empty one with one reference.</summary>
    public static PagePicture Rent(ObjectPool<PagePicture> pool, Localization found)
    {
        var picture = pool.TryTake() ?? new PagePicture(pool);
        picture.Head.ResetWrittenCount();
        (picture._time, picture._arrived) = (found.Time, found.Arrived);
        picture.Lend();
        return picture;
    }

    /// <inheritdoc/>
    protected override void Return()
    {
        Jpeg = [];
        pool.TryReturn(this);
    }
}
