using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>A log that keeps its lines.</summary>
public sealed class LogLines : ILog
{
    private readonly Lock _gate = new();
    private readonly List<(LogLevel Level, string Line)> _lines = [];

    public IReadOnlyList<(LogLevel Level, string Line)> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public void Write(LogLevel level, string line)
    {
        lock (_gate)
        {
            _lines.Add((level, line));
        }
    }
}
