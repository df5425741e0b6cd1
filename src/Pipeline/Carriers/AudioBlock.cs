namespace RealtimeSsl.Pipeline;

/// <summary>
/// A run of consecutive audio samples of a source, at the source's own rate and channel count, in a pooled buffer.
/// A block of no samples is a notice: no sample before <see cref="Time"/> will come any more (the stream has a hole, or trails the picture),
/// so that nobody waits for it.
/// </summary>
public sealed class AudioBlock : Carrier
{
    private readonly AudioBlockPool _pool;
    private float[] _buffer = [];
    private TimeSpan _time;
    private TimeSpan _arrived;

    internal AudioBlock(AudioBlockPool pool) => _pool = pool;

    /// <summary>Samples per channel.</summary>
    public int Length { get; private set; }

    /// <summary>Channels, interleaved.</summary>
    public int Channels { get; private set; }

    /// <summary>Sample rate in Hz.</summary>
    public int Rate { get; private set; }

    /// <summary>
    /// Index of the first sample on the source's sample clock. The next block begins at <c>Position + Length</c>, unless samples were lost.
    /// </summary>
    public long Position { get; private set; }

    /// <summary>Originating time of the first sample.</summary>
    public override TimeSpan Time => _time;

    /// <inheritdoc/>
    public override TimeSpan Arrived => _arrived;

    /// <summary>Originating time just after the last sample.</summary>
    public TimeSpan End => Time + TimeSpan.FromSeconds((double)Length / Rate);

    /// <summary>Length x Channels samples, interleaved, full scale = 1.0. Only the source that rented the block writes to them.</summary>
    public Span<float> Samples => _buffer.AsSpan(0, Length * Channels);

    /// <summary>Stamps the block; called once by its source, before it passes the block on.</summary>
    public AudioBlock Stamp(long position, TimeSpan time, TimeSpan arrived)
    {
        (Position, _time, _arrived) = (position, time, arrived);
        return this;
    }

    /// <inheritdoc/>
    protected override void Return() => _pool.Return(this);

    internal AudioBlock Shape(int length, int channels, int rate)
    {
        (Length, Channels, Rate) = (length, channels, rate);
        if (_buffer.Length < length * channels)
        {
            _buffer = new float[length * channels];
        }

        Lend();
        return this;
    }
}

/// <summary>Audio blocks, reused.</summary>
/// <param name="capacity">How many idle blocks to keep.</param>
public sealed class AudioBlockPool(int capacity = 64)
{
    private readonly ObjectPool<AudioBlock> _idle = new(capacity);

    /// <summary>A block with undefined content and one reference, for the caller to fill, stamp and pass on.</summary>
    /// <param name="length">Samples per channel; 0 for a notice.</param>
    /// <param name="channels">Channels, at least 1.</param>
    /// <param name="rate">Hz, above 0.</param>
    public AudioBlock Rent(int length, int channels, int rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1);
        return (_idle.TryTake() ?? new AudioBlock(this)).Shape(length, channels, rate);
    }

    internal void Return(AudioBlock block) => _idle.TryReturn(block);
}
