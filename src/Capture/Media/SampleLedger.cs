namespace RealtimeSsl.Capture.Media;

/// <summary>
/// The books of a stream's sample clock: gives each block of sound its place by sample count, tells holes from jittering time stamps, and
/// remembers up to where nothing more will come. All in samples, so that nothing rounds twice.
/// </summary>
/// <param name="rate">Hz.</param>
internal sealed class SampleLedger(int rate)
{
    /// <summary>
    /// Stamps that deviate less than this from the sample count are jitter, not holes: many files carry stamps that are off by a block of
    /// 23 ms while their samples are whole. Small enough to keep lips in sync.
    /// </summary>
    public static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(40);

    private (long Sample, TimeSpan Time) _anchor;
    private long? _base, _soundEnd;
    private long _floor = long.MinValue;

    /// <summary>Hz.</summary>
    public int Rate => rate;

    /// <summary>Holes found.</summary>
    public long Gaps { get; private set; }

    /// <summary>Blocks that came, in part or as a whole, too late.</summary>
    public long Overlaps { get; private set; }

    /// <summary>Where the last sound ended; null before the first.</summary>
    public TimeSpan? End => _soundEnd is { } end ? TimeOf(end) : null;

    /// <summary>The relation of stamps and time was torn: the next block finds its place by its time.</summary>
    public void Tear() => _base = null;

    /// <summary>Whether all sound before <paramref name="time"/> has come, or will not come.</summary>
    public bool Covers(TimeSpan time) => SampleAt(time) <= _floor;

    /// <summary>Gives a block its place.</summary>
    /// <param name="stamp">Presentation time in samples.</param>
    /// <param name="length">Samples per channel.</param>
    /// <param name="time">Where the stamp lies on the timeline.</param>
    /// <returns>Samples to skip at its head because their time is over (all of them, perhaps), and index and time of the first one after
    /// these.</returns>
    public (int Skip, long Position, TimeSpan Time) Place(long stamp, int length, TimeSpan time)
    {
        _base ??= SampleAt(time) - stamp;
        var position = stamp + _base.Value;
        if (_soundEnd is { } end)
        {
            var hole = position - end;
            if (Math.Abs(hole) <= Jitter.TotalSeconds * rate && _floor == end)
            {
                position = end;
            }
            else if (hole > 0)
            {
                Gaps++;
            }
        }

        // What was said to be over is over: the reader's time never steps back.
        var skip = _floor > position ? (int)Math.Min(_floor - position, length) : 0;
        Overlaps += skip > 0 ? 1 : 0;
        position += skip;
        if (skip < length)
        {
            _anchor = (position, time + Span(position - stamp - _base.Value));
            _soundEnd = _floor = position + length - skip;
        }

        return (skip, position, _anchor.Time);
    }

    /// <summary>No sound before <paramref name="time"/> will come any more.</summary>
    /// <returns>Index and time of the first sample that may still come.</returns>
    public (long Position, TimeSpan Time) Close(TimeSpan time)
    {
        var position = SampleAt(time);
        if (position >= _floor)
        {
            _floor = position;
            return (position, time);
        }

        return (_floor, TimeOf(_floor));
    }

    private long SampleAt(TimeSpan time) => _anchor.Sample + (long)Math.Round((time - _anchor.Time).TotalSeconds * rate);

    private TimeSpan TimeOf(long sample) => _anchor.Time + Span(sample - _anchor.Sample);

    private TimeSpan Span(long samples) => TimeSpan.FromSeconds((double)samples / rate);
}
