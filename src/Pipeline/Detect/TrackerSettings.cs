using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Pipeline;

/// <summary>How detections become tracks. Times are seconds of the source's timeline.</summary>
public sealed record TrackerSettings
{
    /// <summary>A detection belongs to a track if their boxes overlap by this much (IoU) ...</summary>
    [Range(0.0, 1.0)]
    public double MinIou { get; init; } = 0.1;

    /// <summary>... or if their peaks are no farther apart than this, in widths of the picture.</summary>
    [Range(0.0, 1.0)]
    public double MaxDistance { get; init; } = 0.12;

    /// <summary>A track is shown once it was seen this long: one lucky frame is no source.</summary>
    [Range(0.0, 2.0)]
    public double BirthSeconds { get; init; } = 0.08;

    /// <summary>A track that is not seen is shown on for this long, unless it is silent.</summary>
    [Range(0.0, 2.0)]
    public double CoastSeconds { get; init; } = 0.15;

    /// <summary>A track that is not seen for this long has ended; its id never comes back.</summary>
    [Range(0.05, 0.5)]
    public double DeathSeconds { get; init; } = 0.4;

    /// <summary>Time constant of the boxes' smoothing.</summary>
    [Range(0.0, 2.0)]
    public double SmoothingSeconds { get; init; } = 0.12;
}
