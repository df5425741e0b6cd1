using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli;

/// <summary>Log lines on stderr, with the time in UTC; the progress line, where there is one, is taken off before and drawn again after.</summary>
internal sealed class ConsoleLog(IClock clock, LogLevel least) : ILog
{
    private readonly Lock _gate = new();
    private string _status = "";

    /// <inheritdoc/>
    public void Write(LogLevel level, string line)
    {
        if (level < least)
        {
            return;
        }

        var stamp = clock.ToUtc(clock.Now).ToString("HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var mark = level switch { LogLevel.Warning => "warning: ", LogLevel.Error => "error: ", LogLevel.Debug => "debug: ", _ => "" };
        lock (_gate)
        {
            Erase();
            Console.Error.WriteLine($"{stamp} {mark}{line}");
            Draw();
        }
    }

    /// <summary>Sets the line that stays at the bottom of a terminal; empty takes it away. Without a terminal it is not shown.</summary>
    public void Status(string status)
    {
        if (Console.IsErrorRedirected)
        {
            return;
        }

        lock (_gate)
        {
            Erase();
            _status = status;
            Draw();
        }
    }

    private void Erase()
    {
        if (_status.Length > 0)
        {
            Console.Error.Write("\r\e[2K");
        }
    }

    private void Draw()
    {
        if (_status.Length > 0)
        {
            var width = Math.Max(20, Console.WindowWidth - 1);
            Console.Error.Write(_status.Length > width ? _status[..width] : _status);
        }
    }
}
