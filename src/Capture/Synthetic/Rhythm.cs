namespace RealtimeSsl.Capture.Synthetic;

/// <summary>One stroke, syllable, chirp or impact.</summary>
/// <param name="Index">Counts the events of a rhythm.</param>
/// <param name="Time">When it begins, in seconds.</param>
/// <param name="Length">How long it lasts, in seconds.</param>
/// <param name="Strength">0..1.</param>
internal readonly record struct Event(int Index, double Time, double Length, double Strength);

/// <summary>
/// An endless irregular rhythm: intervals drawn uniformly, all from one seed. Irregular, since two regular rhythms would now and then
/// agree by chance, and no method could tell the sounding thing from the decoy.
/// </summary>
/// <param name="seed">Two rhythms of different seeds are independent.</param>
/// <param name="shortest">Shortest interval in seconds.</param>
/// <param name="longest">Longest interval in seconds.</param>
/// <param name="fill">Length of an event as a share of the interval to the next.</param>
internal sealed class Rhythm(int seed, double shortest, double longest, double fill = 0.5)
{
    private readonly List<Event> _events = [];
    private double _end = Hash.Between(seed, -1, 0.05, shortest);

    /// <summary>The last event at or before the time, if any, and the first one after it.</summary>
    public (Event? Last, Event Next) Around(double time)
    {
        var next = FirstAfter(time);
        return (next > 0 ? _events[next - 1] : null, _events[next]);
    }

    /// <summary>Index of the first event after the time; all events up to it exist then.</summary>
    public int FirstAfter(double time)
    {
        while (_events.Count == 0 || _events[^1].Time <= time)
        {
            var interval = Hash.Between(seed, 3L * _events.Count, shortest, longest);
            var length = interval * fill * Hash.Between(seed, 3L * _events.Count + 1, 0.8, 1.2);
            _events.Add(new Event(_events.Count, _end, length, Hash.Between(seed, 3L * _events.Count + 2, 0.6, 1.0)));
            _end += interval;
        }

        var (low, high) = (0, _events.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _events[middle].Time > time ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>The event of that index; it exists once <see cref="FirstAfter"/> has passed it.</summary>
    public Event this[int index] => _events[index];

    /// <summary>Openness 0..1 at a time: a raised half-cosine with a quick attack over each event's length. Mouths, beaks and voices share it.</summary>
    public double Envelope(double time)
    {
        var (last, _) = Around(time);
        return last is { } e ? Envelope(e, time) : 0;
    }

    /// <summary>The same for one event.</summary>
    public static double Envelope(in Event e, double time)
    {
        var at = (time - e.Time) / e.Length;
        return at is < 0 or >= 1 ? 0
            : at < 0.25 ? e.Strength * Math.Sin(at / 0.25 * Math.PI / 2)
            : e.Strength * (0.5 + 0.5 * Math.Cos((at - 0.25) / 0.75 * Math.PI));
    }
}
