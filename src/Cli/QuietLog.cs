using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli;

/// <summary>For verbs that print what they find themselves.</summary>
internal sealed class QuietLog : ILog
{
    /// <inheritdoc/>
    public void Write(LogLevel level, string line)
    {
        // What matters is in the answer.
    }
}
