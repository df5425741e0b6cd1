using System.Threading.Channels;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// A bounded channel of pooled carriers with a named policy. Whatever it drops is given back to its pool and counted under
/// <c>NAME.dropped.newest_wins</c>, <c>NAME.dropped.too_late</c>, <c>NAME.dropped.full</c> or <c>NAME.dropped.closed</c>. One writer, one reader.
/// </summary>
public sealed class PolicyChannel<T> : ChannelReader<T> where T : Carrier
{
    private readonly Channel<T> _channel;
    private readonly DeliveryPolicy _policy;
    private readonly IClock _clock;
    private readonly Counter _late;
    private readonly Counter _closed;
    private readonly Counter _full;

    /// <summary>Makes the channel.</summary>
    /// <param name="name">Prefix of its counters.</param>
    /// <param name="policy">What gives when the reader is slow.</param>
    /// <param name="clock">Whose time counts.</param>
    /// <param name="counters">Where drops are counted.</param>
    public PolicyChannel(string name, DeliveryPolicy policy, IClock clock, Counters counters)
    {
        (_policy, _clock) = (policy, clock);
        _late = counters[$"{name}.dropped.too_late"];
        _closed = counters[$"{name}.dropped.closed"];
        _full = counters[$"{name}.dropped.full"];
        var (bound, mode) = policy switch
        {
            DeliveryPolicy.LatestOnly p => (p.Depth, BoundedChannelFullMode.DropOldest),
            DeliveryPolicy.Lossless p => (p.Bound, BoundedChannelFullMode.Wait),
            DeliveryPolicy.LatencyBounded p => (p.Bound, BoundedChannelFullMode.DropOldest),
            _ => throw new ArgumentOutOfRangeException(nameof(policy)),
        };
        var displaced = counters[$"{name}.dropped.newest_wins"];
        _channel = Channel.CreateBounded<T>(
            new BoundedChannelOptions(bound) { FullMode = mode, SingleWriter = true, SingleReader = true },
            item =>
            {
                displaced.Add();
                item.Dispose();
            });
    }

    /// <summary>How many wait.</summary>
    public override int Count => _channel.Reader.Count;

    /// <inheritdoc/>
    public override bool CanCount => true;

    /// <inheritdoc/>
    public override Task Completion => _channel.Reader.Completion;

    /// <summary>Passes the item and its reference on; waits where the policy is lossless. A closed channel counts and drops it.</summary>
    /// <returns>False if the channel is closed: the reader is gone.</returns>
    public async ValueTask<bool> WriteAsync(T item, CancellationToken token)
    {
        if (_channel.Writer.TryWrite(item))
        {
            return true;
        }

        try
        {
            await _channel.Writer.WriteAsync(item, token).ConfigureAwait(false);
            return true;
        }
        catch (ChannelClosedException)
        {
            Lose(item);
            return false;
        }
        catch (OperationCanceledException)
        {
            Lose(item);
            throw;
        }
    }

    /// <summary>Passes the item on without ever waiting; where a lossless channel is full (its bound is the alarm), the item is counted and dropped.</summary>
    public bool TryWrite(T item)
    {
        if (_channel.Writer.TryWrite(item))
        {
            return true;
        }

        _full.Add();
        item.Dispose();
        return false;
    }

    /// <summary>The same from a thread that is not asynchronous (a device's own): waits where the policy is lossless.</summary>
    public bool Write(T item, CancellationToken token)
    {
        if (_channel.Writer.TryWrite(item))
        {
            return true;
        }

        var write = WriteAsync(item, token);
        return write.IsCompleted ? write.GetAwaiter().GetResult() : write.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>No more will come.</summary>
    /// <param name="error">Why, if it is not the end.</param>
    public void Complete(Exception? error = null) => _channel.Writer.TryComplete(error);

    /// <inheritdoc/>
    public override bool TryRead(out T item)
    {
        while (_channel.Reader.TryRead(out item!))
        {
            if (_policy is DeliveryPolicy.LatencyBounded bounded && _clock.Now - item.Arrived > bounded.Limit)
            {
                _late.Add();
                item.Dispose();
                continue;
            }

            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override bool TryPeek(out T item) => _channel.Reader.TryPeek(out item!);

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        _channel.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Closes the channel and gives back all that waits (counted as closed), so that nothing is leaked when a reader stops early.</summary>
    public void Drain()
    {
        Complete();
        while (_channel.Reader.TryRead(out var item))
        {
            Lose(item);
        }
    }

    private void Lose(T item)
    {
        _closed.Add();
        item.Dispose();
    }
}
