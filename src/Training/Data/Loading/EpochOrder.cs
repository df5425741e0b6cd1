namespace RealtimeSsl.Training.Data.Loading;

/// <summary>
/// In which order the pairs are taken: a pure function of (seed, epoch), so that a run that is resumed at a step goes on exactly as the unbroken one.
/// Batches are full; what is left over at the end of an epoch is left out, because contrastive losses depend on the batch's size.
/// </summary>
public sealed class EpochOrder
{
    private readonly int[] _order;
    private readonly int _batch;

    /// <summary>Makes the order of an epoch.</summary>
    /// <param name="count">Pairs of the set.</param>
    /// <param name="batch">Pairs in a batch.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="shuffled">Otherwise in the set's own order, the last batch filled up from the begin (validation).</param>
    /// <exception cref="TrainingDataException">There are fewer pairs than a batch holds.</exception>
    public EpochOrder(int count, int batch, long seed, int epoch, bool shuffled = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (count < batch && shuffled)
        {
            throw new TrainingDataException($"there are {count} pairs, which do not fill one batch of {batch}; take a smaller batch, or more data");
        }

        _batch = batch;
        _order = new int[count];
        for (var i = 0; i < count; i++)
        {
            _order[i] = i;
        }

        if (shuffled)
        {
            var random = SeededRandom.At(seed, 0, epoch);
            random.Shuffle(_order.AsSpan());
        }

        Steps = shuffled ? count / batch : (count + batch - 1) / batch;
    }

    /// <summary>Batches of the epoch.</summary>
    public int Steps { get; }

    /// <summary>The pairs of a step.</summary>
    /// <param name="step">0 .. Steps - 1.</param>
    /// <param name="pairs">Filled: a batch of indices.</param>
    /// <returns>How many of them are new: fewer than a batch only at the end of an unshuffled epoch.</returns>
    public int Fill(int step, Span<int> pairs)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, Steps);
        ArgumentOutOfRangeException.ThrowIfNotEqual(pairs.Length, _batch);
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = _order[((long)step * _batch + i) % _order.Length];
        }

        return Math.Min(_batch, _order.Length - step * _batch);
    }
}
