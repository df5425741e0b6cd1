using System.Collections.Concurrent;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// A carrier whose buffers are borrowed from a pool. It is born with one reference; whoever passes it on to one more reader
/// calls <see cref="Retain"/>, whoever is done calls <see cref="Dispose"/>; the last one returns it to its pool. Once passed on it is read-only.
/// </summary>
public abstract class Pooled : IDisposable
{
    private int _references;

    /// <summary>Takes one more reference.</summary>
    /// <exception cref="ObjectDisposedException">It went back to its pool before: a reader held it without a reference.</exception>
    public void Retain()
    {
        if (Interlocked.Increment(ref _references) <= 1)
        {
            Interlocked.Decrement(ref _references);
            throw new ObjectDisposedException(GetType().Name);
        }
    }

    /// <summary>Gives one reference back.</summary>
#pragma warning disable CA1816 // No finalizer: what is not given back is garbage, never a native leak that matters.
    public void Dispose()
    {
        var left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            Return();
        }
        else if (left < 0)
        {
            Interlocked.Increment(ref _references);
            throw new ObjectDisposedException(GetType().Name, "given back twice");
        }
    }
#pragma warning restore CA1816

    /// <summary>Marks the carrier as lent out, with one reference.</summary>
    protected internal void Lend() => Volatile.Write(ref _references, 1);

    /// <summary>Called when the last reference is gone.</summary>
    protected abstract void Return();
}

/// <summary>What travels through a <see cref="PolicyChannel{T}"/>: pooled, and of a moment.</summary>
public abstract class Carrier : Pooled, ITimed
{
    /// <inheritdoc/>
    public abstract TimeSpan Time { get; }

    /// <inheritdoc/>
    public abstract TimeSpan Arrived { get; }
}

/// <summary>A bounded store of idle objects; what does not fit is left to the garbage collector.</summary>
/// <param name="capacity">How many idle objects to keep.</param>
public sealed class ObjectPool<T>(int capacity) where T : class
{
    private readonly ConcurrentQueue<T> _idle = new();

    /// <summary>An idle object, or null if there is none.</summary>
    public T? TryTake() => _idle.TryDequeue(out var item) ? item : null;

    /// <summary>Keeps the object for later. False if the pool is full: the caller then disposes what the object owns.</summary>
    public bool TryReturn(T item)
    {
        if (_idle.Count >= capacity)
        {
            return false;
        }

        _idle.Enqueue(item);
        return true;
    }
}
