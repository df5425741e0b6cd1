using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>What is drawn over the picture, and how strongly.</summary>
public sealed record OverlaySettings
{
    /// <summary>Whether the heatmap is drawn.</summary>
    public bool Heatmap { get; init; } = true;

    /// <summary>How much of the picture the hottest place covers, 0..1.</summary>
    [Range(0.0, 1.0)]
    public double HeatmapOpacity { get; init; } = 0.65;

    /// <summary>Normalised score, 0..1, up to which the picture stays untouched.</summary>
    [Range(0.0, 0.99)]
    public double HeatmapFloor { get; init; } = 0.25;

    /// <summary>Whether boxes, their labels and peaks are drawn.</summary>
    public bool Boxes { get; init; } = true;

    /// <summary>Whether the sound level and the reason for "no source" are drawn (bottom left).</summary>
    public bool Meter { get; init; } = true;

    /// <summary>Whether time and latency are drawn (top right).</summary>
    public bool Clock { get; init; } = true;

    /// <summary>Whether the model's name is drawn (top left).</summary>
    public bool Model { get; init; } = true;
}
