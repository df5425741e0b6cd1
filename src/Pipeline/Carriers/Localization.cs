namespace RealtimeSsl.Pipeline;

/// <summary>The audio that a localization stands on.</summary>
/// <param name="From">Begin of the window, on the source's timeline.</param>
/// <param name="To">End of the window, on the source's timeline. At or before the frame's time.</param>
/// <param name="Dbfs">RMS level of the newest 100 ms up to <paramref name="To"/>, in dB re full scale; null when silent (never 0 dBFS by mistake).</param>
/// <param name="OffsetMs">How far the audio in hand lagged behind the picture when it was used (frame time - To), in ms.</param>
/// <param name="DriftPpm">Speed of the audio device's clock against the engine's, parts per million; 0 where both come from one clock.</param>
public readonly record struct AudioSpan(TimeSpan From, TimeSpan To, double? Dbfs, double OffsetMs, double DriftPpm);

/// <summary>Where the time went, in ms.</summary>
/// <param name="Capture">Originating time to arrival in the engine (live sources; 0 for files).</param>
/// <param name="Align">Arrival to the moment the frame and its audio were both in hand.</param>
/// <param name="Infer">The localizer.</param>
/// <param name="Publish">From there to the fan-out: detector, tracker, message.</param>
/// <param name="Total">Arrival to the fan-out (Align + Infer + Publish).</param>
public readonly record struct StageLatency(double Capture, double Align, double Infer, double Publish, double Total);

/// <summary>Frames lost since the last localization, by cause.</summary>
public readonly record struct DroppedFrames(string Cause, long Count);

/// <summary>
/// What the engine found in one frame: the frame itself, the audio window, the heatmap and the sources. Shared by all sinks, read-only,
/// goes back to its pool with the last reference.
/// </summary>
public sealed class Localization : Carrier
{
    private readonly ObjectPool<Localization> _pool;

    internal Localization(ObjectPool<Localization> pool) => _pool = pool;

    /// <summary>The picture.</summary>
    public VideoFrame Frame { get; internal set; } = null!;

    /// <inheritdoc/>
    public override TimeSpan Time => Frame.Time;

    /// <inheritdoc/>
    public override TimeSpan Arrived => Frame.Arrived;

    /// <summary>Counts the localizations of the run from 0, without gaps.</summary>
    public long Seq { get; internal set; }

    /// <summary>The frame's time in its file, in seconds; null for live sources.</summary>
    public double? MediaTime { get; internal set; }

    /// <summary>UTC of the frame's capture (of its arrival, for files that do not say when they were recorded).</summary>
    public DateTime CapturedAt { get; internal set; }

    /// <summary>UTC of the fan-out.</summary>
    public DateTime PublishedAt { get; internal set; }

    /// <summary>The audio window used; null when the source has no audio for this moment.</summary>
    public AudioSpan? Audio { get; internal set; }

    /// <summary>Where the sound comes from.</summary>
    public Heatmap Heatmap { get; } = new();

    /// <summary>0..1: does this sound come from this picture at all?</summary>
    public double Presence { get; internal set; }

    /// <summary>Why there is no source, in a word or two ("silent", "no audio", "listening", "off screen?"); null when there is one.</summary>
    public string? Why { get; internal set; }

    /// <summary>The sources, highest score first.</summary>
    public IReadOnlyList<SoundSource> Sources => SourceList;

    /// <summary>The localizer that found them.</summary>
    public LocalizerInfo Model { get; internal set; } = null!;

    /// <summary>Where the time went.</summary>
    public StageLatency Latency { get; internal set; }

    /// <summary>Frames dropped before this one.</summary>
    public IReadOnlyList<DroppedFrames> Dropped => DroppedList;

    internal List<SoundSource> SourceList { get; } = [];

    internal List<DroppedFrames> DroppedList { get; } = [];

    /// <inheritdoc/>
    protected override void Return()
    {
        Frame.Dispose();
        Frame = null!;
        _pool.TryReturn(this);
    }
}
