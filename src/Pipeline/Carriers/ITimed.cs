namespace RealtimeSsl.Pipeline;

/// <summary>What travels through a channel: something that shows a moment, and entered the engine at another.</summary>
public interface ITimed
{
    /// <summary>
    /// Originating time: the moment that the carrier shows, on the source's timeline. For a live source that is the engine's clock,
    /// for a file its own media time (first frame near zero). Streams are joined on this and on nothing else.
    /// </summary>
    TimeSpan Time { get; }

    /// <summary>When it entered the engine, on the engine's clock. Latency counts from here.</summary>
    TimeSpan Arrived { get; }
}
