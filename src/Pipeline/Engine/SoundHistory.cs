namespace RealtimeSsl.Pipeline;

/// <summary>
/// The newest seconds of sound as they came from the source. A model that takes over has another front end, and its first window must be as full as
/// the hundredth: it hears this first. Holds the blocks themselves, not copies; written by the engine, read by whoever prepares a model.
/// </summary>
internal sealed class SoundHistory : IDisposable
{
    /// <summary>As long as the longest window of the published methods (6.7 s), and some more.</summary>
    public const double Seconds = 8;

    // Blocks without samples have no length: the number bounds those.
    private const int MostBlocks = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<AudioBlock> _blocks = new();
    private double _seconds;
    private long _end;

    /// <summary>Adds the next block, with a reference of its own.</summary>
    public void Add(AudioBlock block)
    {
        block.Retain();
        lock (_gate)
        {
            _blocks.Enqueue(block);
            _end++;
            _seconds += LengthOf(block);
            while (_blocks.Count > MostBlocks || _seconds - LengthOf(_blocks.Peek()) > Seconds)
            {
                var oldest = _blocks.Dequeue();
                _seconds -= LengthOf(oldest);
                oldest.Dispose();
            }
        }
    }

    /// <summary>Gives an analyzer what it has not heard yet.</summary>
    /// <param name="analyzer">Not used by anybody else meanwhile.</param>
    /// <param name="heard">Where it stopped last time; 0 at first.</param>
    /// <returns>Where it stopped this time.</returns>
    public long Replay(AudioAnalyzer analyzer, long heard)
    {
        var (blocks, end) = Take(heard);
        foreach (var block in blocks)
        {
            using (block)
            {
                analyzer.Push(block);
            }
        }

        return end;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            while (_blocks.TryDequeue(out var block))
            {
                block.Dispose();
            }
        }
    }

    // Taken under the lock, analyzed outside of it: the engine adds a block while ten seconds are being analyzed.
    private (List<AudioBlock> Blocks, long End) Take(long heard)
    {
        lock (_gate)
        {
            var skip = Math.Max(0, heard - (_end - _blocks.Count));
            var taken = new List<AudioBlock>(_blocks.Count);
            foreach (var block in _blocks)
            {
                if (skip-- <= 0)
                {
                    block.Retain();
                    taken.Add(block);
                }
            }

            return (taken, _end);
        }
    }

    private static double LengthOf(AudioBlock block) => (double)block.Length / block.Rate;
}
