namespace RealtimeSsl.Pipeline;

/// <summary>A clock that moves only when told to: for tests of everything that depends on time.</summary>
public sealed class ManualClock : IClock
{
    private static readonly DateTime Origin = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private long _ticks;

    /// <inheritdoc/>
    public TimeSpan Now => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <inheritdoc/>
    public DateTime ToUtc(TimeSpan time) => Origin + time;

    /// <summary>Moves the clock forward.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative: time never steps back.</exception>
    public void Advance(TimeSpan step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.Zero);
        Interlocked.Add(ref _ticks, step.Ticks);
    }
}
