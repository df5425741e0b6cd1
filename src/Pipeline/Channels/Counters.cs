using System.Collections.Concurrent;

namespace RealtimeSsl.Pipeline;

/// <summary>One thing that is counted. Adding is lock-free and allocates nothing.</summary>
public sealed class Counter(string name)
{
    private long _value;

    /// <summary>Dotted name, e.g. <c>video.dropped.newest_wins</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The count.</summary>
    public long Value => Interlocked.Read(ref _value);

    /// <summary>Counts.</summary>
    public void Add(long n = 1) => Interlocked.Add(ref _value, n);
}

/// <summary>
/// Every drop, gap, reset and reconnect of a run, by cause. Names are <c>area.what[.cause]</c>; frames lost on the way to the localizer are
/// <c>video.dropped.CAUSE</c>. They end up in the messages, the summary, the live page and the metrics.
/// </summary>
public sealed class Counters
{
    private readonly ConcurrentDictionary<string, Counter> _counters = new();
    private readonly ConcurrentDictionary<string, Func<double>> _gauges = new();

    /// <summary>The counter of that name; made on first use. Keep it: looking it up per frame would be a waste.</summary>
    public Counter this[string name] => _counters.GetOrAdd(name, static n => new Counter(n));

    /// <summary>All counters, by name.</summary>
    public IEnumerable<Counter> All => _counters.Values.OrderBy(c => c.Name, StringComparer.Ordinal);

    /// <summary>Values of this moment rather than counts, by name: <c>sink.NAME.queue</c> is how many items wait for a sink.</summary>
    public IEnumerable<KeyValuePair<string, double>> Gauges =>
        _gauges.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => KeyValuePair.Create(g.Key, g.Value()));

    /// <summary>Offers a value of the moment. It is read from any thread.</summary>
    public void Offer(string name, Func<double> value) => _gauges[name] = value;
}
