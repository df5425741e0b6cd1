using System.Collections.Concurrent;

namespace RealtimeSsl.Pipeline;

/// <summary>How one part of a run is.</summary>
/// <param name="Online">Whether it does its work.</param>
/// <param name="Why">Why not, or what there is to know, in one line; null if there is nothing.</param>
/// <param name="Since">When that began, on the run's clock.</param>
public sealed record HealthState(bool Online, string? Why, TimeSpan Since);

/// <summary>
/// How the parts of a run are, by name (<c>record</c>, ...): what the status topics and the live page show. A part that is not named is not
/// in use. Set by whoever does the work, read by whoever tells of it.
/// </summary>
public sealed class Health(IClock clock)
{
    private readonly ConcurrentDictionary<string, HealthState> _states = new();

    /// <summary>All parts, by name.</summary>
    public IEnumerable<KeyValuePair<string, HealthState>> All => _states.OrderBy(s => s.Key, StringComparer.Ordinal);

    /// <summary>How a part is; null if it is not in use.</summary>
    public HealthState? this[string part] => _states.GetValueOrDefault(part);

    /// <summary>Says how a part is.</summary>
    public void Set(string part, bool online, string? why = null)
    {
        var before = _states.GetValueOrDefault(part);
        if (before is null || before.Online != online || before.Why != why)
        {
            var since = before?.Online == online ? before.Since : clock.Now;
            _states[part] = new HealthState(online, why, since);
        }
    }

    /// <summary>A part is not in use any more.</summary>
    public void Remove(string part) => _states.TryRemove(part, out _);
}
