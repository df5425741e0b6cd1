using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Pipeline;

/// <summary>How the engine joins and times things.</summary>
public sealed record EngineSettings
{
    /// <summary>Live sources: longest wait of a picture for its sound, in ms after its arrival. Later sound is counted, and the window ends earlier.</summary>
    [Range(0, 1000)]
    public int PatienceMs { get; init; } = 60;

    /// <summary>RMS level below which a window counts as silent, in dB re full scale.</summary>
    [Range(-120.0, 0.0)]
    public double SilenceDbfs { get; init; } = -60;

    /// <summary>Whether sources are looked for from the start; may be switched while it runs.</summary>
    public bool Detection { get; init; } = true;

    /// <summary>Ends the run after this much of the source's timeline; 0 runs to the end.</summary>
    [Range(0.0, 1e9)]
    public double Seconds { get; init; }

    /// <summary>Longest wait for a sink to finalise its files at the end, in seconds.</summary>
    [Range(1, 600)]
    public int FinishSeconds { get; init; } = 60;
}
