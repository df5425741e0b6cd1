using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>Keeps the log lines.</summary>
public sealed class ListLog : ILog
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public void Write(LogLevel level, string line)
    {
        lock (_lines)
        {
            _lines.Add($"{level}: {line}");
        }
    }
}
