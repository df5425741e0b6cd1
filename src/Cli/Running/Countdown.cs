using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>How far long work is and how long it still takes: a line that stays on a terminal; a line per tenth where nobody looks.</summary>
internal sealed class Countdown(ConsoleLog log, IClock clock, string what)
{
    private readonly TimeSpan _began = clock.Now;
    private int? _first;
    private int _tenth = -1;

    /// <summary>Tells.</summary>
    public void Show(int done, int all)
    {
        _first ??= done;
        var (fresh, elapsed) = (done - _first.Value, (clock.Now - _began).TotalSeconds);
        var left = fresh > 0 ? string.Create(CultureInfo.InvariantCulture, $", {(all - done) * elapsed / fresh:0} s left") : "";
        var line = string.Create(CultureInfo.InvariantCulture, $"{done} of {all} {what}{left}");
        if (!Console.IsErrorRedirected)
        {
            log.Status(done < all ? line : "");
        }
        else if (10 * done / Math.Max(1, all) is var tenth && tenth != _tenth)
        {
            _tenth = tenth;
            log.Info(line);
        }
    }
}
