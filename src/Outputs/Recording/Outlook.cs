using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>Says beforehand how long there is room for more, and what happens then.</summary>
internal sealed class Outlook(RecordingSettings settings, IClock clock, ILog log)
{
    private static readonly TimeSpan[] Steps = [TimeSpan.MaxValue, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1)];
    private readonly Queue<(TimeSpan Time, long Bytes)> _history = new();
    private long _bytes;
    private int _said;

    /// <summary>Something was written.</summary>
    public void Add(TimeSpan mediaTime, int bytes)
    {
        _bytes += bytes;
        _history.Enqueue((mediaTime, _bytes));
        while (mediaTime - _history.Peek().Time > TimeSpan.FromMinutes(1))
        {
            _history.Dequeue();
        }
    }

    /// <summary>The outlook in one line; null as long as nothing is known. A line for the log when it gets worse.</summary>
    /// <param name="free">Bytes on the disk.</param>
    /// <param name="kept">The recordings that there are; null where they are not ours to delete.</param>
    /// <param name="who">Who says so.</param>
    public string? Say(long free, Kept? kept, string who)
    {
        if (_history.Count < 2 || (_history.Last().Time - _history.Peek().Time).TotalSeconds is var seconds && seconds < 5)
        {
            return null;
        }

        var rate = (_bytes - _history.Peek().Bytes) / seconds;
        var room = free - settings.KeepFreeGb * 1e9;
        if (kept is { } all && settings.KeepGb > 0)
        {
            room = Math.Min(room, settings.KeepGb * 1e9 - all.Bytes);
        }

        var left = rate > 0 ? TimeSpan.FromSeconds(Math.Clamp(room / rate, 0, 1e9)) : TimeSpan.MaxValue;
        var then = "the disk is full";
        if (kept is { Oldest: { } oldest } known && (settings.KeepGb > 0 || settings.KeepFreeGb > 0 || settings.KeepDays > 0))
        {
            var aged = settings.KeepDays > 0 ? known.OldestUtc + TimeSpan.FromDays(settings.KeepDays) - clock.ToUtc(clock.Now) : TimeSpan.MaxValue;
            left = aged < left ? aged : left;
            then = $"{oldest} is deleted";
        }

        var line = string.Create(CultureInfo.InvariantCulture, $"{rate * 8 / 1e6:0.00} Mbit/s; in {Words(left)} {then}");
        var step = Array.FindLastIndex(Steps, s => left <= s);
        if (step >= _said)
        {
            _said = step + 1;
            log.Write(step >= 2 ? LogLevel.Warning : LogLevel.Info, $"{who}: {line}");
        }

        return line;
    }

    private static string Words(TimeSpan left)
    {
        var culture = CultureInfo.InvariantCulture;
        return left.TotalDays >= 3 ? string.Create(culture, $"{left.TotalDays:0} days")
            : left.TotalHours >= 3 ? string.Create(culture, $"{left.TotalHours:0} h")
            : left.TotalMinutes >= 3 ? string.Create(culture, $"{left.TotalMinutes:0} min")
            : string.Create(culture, $"{left.TotalSeconds:0} s");
    }
}
