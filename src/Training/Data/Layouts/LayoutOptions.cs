namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>How pairs are cut out of recordings.</summary>
public sealed record LayoutOptions
{
    /// <summary>Seconds of sound that the network hears at once: windows lie around their frame, or before it (own recordings).</summary>
    public double WindowSeconds { get; init; } = 3;

    /// <summary>Seconds from one frame to the next that is taken from a clip or a recording.</summary>
    public double Stride { get; init; } = 1;

    /// <summary>Own recordings: frames whose presence is lower show nothing that sounds, and are left out.</summary>
    public double MinPresence { get; init; } = 0.5;

    /// <summary>Own recordings: this many seconds of one recording stay together in a split.</summary>
    public double GroupSeconds { get; init; } = 20;
}
