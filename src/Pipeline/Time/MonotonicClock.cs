using System.Diagnostics;

namespace RealtimeSsl.Pipeline;

/// <summary>The clock of a real run: the operating system's monotonic counter, anchored to UTC once.</summary>
public sealed class MonotonicClock : IClock
{
    private readonly long _origin = Stopwatch.GetTimestamp();

#pragma warning disable RS0030 // The one place where the wall clock is read.
    private readonly DateTime _utcOrigin = DateTime.UtcNow;
#pragma warning restore RS0030

    /// <inheritdoc/>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_origin);

    /// <inheritdoc/>
    public DateTime ToUtc(TimeSpan time) => _utcOrigin + time;
}
