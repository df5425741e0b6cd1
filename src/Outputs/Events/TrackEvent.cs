using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>What an event message tells.</summary>
public enum TrackEventType
{
    /// <summary>Something began to sound.</summary>
    New,

    /// <summary>It goes on; sent at intervals, and when its label changes.</summary>
    Update,

    /// <summary>It has ended.</summary>
    End,
}

/// <summary>One event: a track from its first sound to its last, as it stands at one moment.</summary>
/// <param name="Id">Names the event for ever: <c>&lt;begin of the run, UTC&gt;-&lt;track&gt;</c>. All sinks of a run give the same event the same id.</param>
/// <param name="Track">The source's id in the frame messages.</param>
/// <param name="Start">Originating time of its first frame, on the source's timeline.</param>
/// <param name="Last">Originating time of the last frame it was seen in.</param>
public sealed record TrackState(string Id, int Track, TimeSpan Start, TimeSpan Last)
{
    /// <summary>What it is, where the method tells.</summary>
    public string? Label { get; init; }

    /// <summary>Score in the last frame it was seen in, 0..1.</summary>
    public float Score { get; init; }

    /// <summary>The best score so far.</summary>
    public float BestScore { get; init; }

    /// <summary>Where it was last.</summary>
    public Box Box { get; init; }

    /// <summary>Where it was loudest, 0..1 of the picture.</summary>
    public (float X, float Y) Peak { get; init; }

    /// <summary>UTC of <see cref="Start"/>.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>UTC of <see cref="Last"/> once it has ended; null before.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary><see cref="Start"/> in the media's own time, in seconds; null for live sources.</summary>
    public double? StartMediaTime { get; init; }

    /// <summary><see cref="Last"/> in the media's own time, in seconds; null for live sources.</summary>
    public double? MediaTime { get; init; }

    /// <summary>Seq of the first and of the last frame message with it.</summary>
    public (long First, long Last) Seq { get; init; }

    /// <summary>Frame messages with it.</summary>
    public int Frames { get; init; }

    /// <summary>Level in the last frame it was seen in, dB re full scale; null when silent.</summary>
    public double? Dbfs { get; init; }

    /// <summary>The highest level so far.</summary>
    public double? PeakDbfs { get; init; }

    /// <summary>Size of the picture that <see cref="Box"/> refers to, in pixels.</summary>
    public (int Width, int Height) Resolution { get; init; }
}

/// <summary>How it sounded just before an event: one entry per <see cref="Step"/>, the oldest first.</summary>
/// <param name="Seconds">Time of each entry relative to the event's start, below 0.</param>
/// <param name="Dbfs">Level; null when silent.</param>
/// <param name="Presence">0..1.</param>
public sealed record EventContext(IReadOnlyList<double> Seconds, IReadOnlyList<double?> Dbfs, IReadOnlyList<double> Presence)
{
    /// <summary>Distance of the entries, in seconds.</summary>
    public const double Step = 0.1;
}

/// <summary>Something began to sound, goes on, or has ended.</summary>
/// <param name="Type">Which of these.</param>
/// <param name="Before">As the last message told it; null for <see cref="TrackEventType.New"/>.</param>
/// <param name="After">As it is now.</param>
/// <param name="Context">What came before the event; with <see cref="TrackEventType.New"/> only.</param>
public sealed record TrackEvent(TrackEventType Type, TrackState? Before, TrackState After, EventContext? Context);
