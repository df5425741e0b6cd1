namespace RealtimeSsl.Pipeline;

/// <summary>Severity of a log line.</summary>
public enum LogLevel
{
    /// <summary>For who debugs.</summary>
    Debug,

    /// <summary>What an operator wants to know.</summary>
    Info,

    /// <summary>Something degraded and goes on.</summary>
    Warning,

    /// <summary>Something is lost.</summary>
    Error,
}

/// <summary>Where lines for people go. Lines carry no credentials.</summary>
public interface ILog
{
    /// <summary>Writes one line.</summary>
    void Write(LogLevel level, string line);
}

/// <summary>Shorthands, and the rate limit that every repeating line goes through.</summary>
public static class LogExtensions
{
    /// <summary>Writes an informational line.</summary>
    public static void Info(this ILog log, string line) => log.Write(LogLevel.Info, line);

    /// <summary>Writes a warning.</summary>
    public static void Warn(this ILog log, string line) => log.Write(LogLevel.Warning, line);

    /// <summary>Writes an error.</summary>
    public static void Error(this ILog log, string line) => log.Write(LogLevel.Error, line);
}

/// <summary>Lets one line through per period and counts what it held back; a wet cable must not fill the disk.</summary>
/// <param name="log">Where the lines go.</param>
/// <param name="clock">Whose time counts.</param>
/// <param name="period">At most one line per this.</param>
public sealed class RateLimitedLog(ILog log, IClock clock, TimeSpan period)
{
    private readonly Lock _gate = new();
    private TimeSpan _next = TimeSpan.MinValue;
    private int _held;

    /// <summary>Writes the line, or counts it as held back.</summary>
    public void Warn(string line)
    {
        int held;
        lock (_gate)
        {
            if (clock.Now < _next)
            {
                _held++;
                return;
            }

            (held, _held, _next) = (_held, 0, clock.Now + period);
        }

        log.Warn(held > 0 ? $"{line} (and {held} more like it)" : line);
    }
}
