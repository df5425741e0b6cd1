using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Pipeline;

/// <summary>How a heatmap becomes boxes.</summary>
public sealed record DetectorSettings
{
    /// <summary>Normalised score from which a cell belongs to a source; 0 takes the localizer's own threshold.</summary>
    [Range(0.0, 1.0)]
    public double Threshold { get; init; }

    /// <summary>A box reaches out to this share of its peak's score.</summary>
    [Range(0.0, 1.0)]
    public double Reach { get; init; } = 0.5;

    /// <summary>Presence from which a picture may have sources at all.</summary>
    [Range(0.0, 1.0)]
    public double Presence { get; init; } = 0.5;

    /// <summary>Most sources in one picture; the weakest go first.</summary>
    [Range(1, 64)]
    public int MaxSources { get; init; } = 8;
}
