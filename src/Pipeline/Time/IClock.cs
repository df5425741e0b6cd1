namespace RealtimeSsl.Pipeline;

/// <summary>
/// The one monotonic clock of a run. Every stamp in the engine is a time on it; the wall clock is only ever derived from it,
/// so that an NTP step neither tears audio from video nor makes a latency negative.
/// </summary>
public interface IClock
{
    /// <summary>Time since the run began. Never steps back.</summary>
    TimeSpan Now { get; }

    /// <summary>The UTC that <paramref name="time"/> on this clock maps to, by one anchor taken when the run began.</summary>
    DateTime ToUtc(TimeSpan time);
}
