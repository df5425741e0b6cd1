namespace RealtimeSsl.Pipeline;

/// <summary>Percentiles of a run, in ms.</summary>
public sealed record Percentiles(double P50, double P95, double P99, double Max);

/// <summary>A model, and the first localization that it made.</summary>
public sealed record ModelUse(LocalizerInfo Model, long FromSeq);

/// <summary>What a run did, in figures: becomes <c>summary.json</c> and the last lines on the terminal.</summary>
public sealed record RunSummary
{
    /// <summary>Frames that the source delivered.</summary>
    public long FramesIn { get; init; }

    /// <summary>Frames that were localized.</summary>
    public long FramesProcessed { get; init; }

    /// <summary>Frames lost on the way, by cause. FramesIn = FramesProcessed + their sum.</summary>
    public IReadOnlyDictionary<string, long> FramesDropped { get; init; } = new Dictionary<string, long>();

    /// <summary>All counters of the run.</summary>
    public IReadOnlyDictionary<string, long> Counters { get; init; } = new Dictionary<string, long>();

    /// <summary>Localized frames per second of wall time.</summary>
    public double Fps { get; init; }

    /// <summary>Wall time of the run in seconds.</summary>
    public double WallSeconds { get; init; }

    /// <summary>Length of what was seen, in seconds of the source's timeline.</summary>
    public double MediaSeconds { get; init; }

    /// <summary>Share of processed frames with at least one source, 0..1.</summary>
    public double SoundingShare { get; init; }

    /// <summary>Tracks begun.</summary>
    public int Tracks { get; init; }

    /// <summary>Latency per stage (capture, align, infer, publish, total), in ms.</summary>
    public IReadOnlyDictionary<string, Percentiles> LatencyMs { get; init; } = new Dictionary<string, Percentiles>();

    /// <summary>Mean of frame time minus end of the audio window, in ms; null without audio.</summary>
    public double? AvOffsetMs { get; init; }

    /// <summary>Last drift of the audio clock against the engine's, in ppm; null without audio.</summary>
    public double? DriftPpm { get; init; }

    /// <summary>The model that ran at the end; null if there was no frame.</summary>
    public LocalizerInfo? Model => Models.Count > 0 ? Models[^1].Model : null;

    /// <summary>The models in the order of their use.</summary>
    public IReadOnlyList<ModelUse> Models { get; init; } = [];

    /// <summary>Managed bytes allocated per frame on the engine's own thread, after the first 64 frames.</summary>
    public double AllocatedBytesPerFrame { get; init; }

    /// <summary>Peak resident memory of the process in MB.</summary>
    public double PeakRssMb { get; init; }

    /// <summary>Why the run ended: <c>end of source</c>, <c>time limit</c>, <c>interrupted</c>, or the error.</summary>
    public string Ended { get; init; } = "";
}
