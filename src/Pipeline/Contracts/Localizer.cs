namespace RealtimeSsl.Pipeline;

/// <summary>What was asked for, what is used, and why they differ (null if they do not).</summary>
public sealed record DeviceChoice(string Requested, string Effective, string? Why);

/// <summary>The identity of a localizer, as it goes into every message.</summary>
/// <param name="Name">Name of the method or of the model package.</param>
/// <param name="Sha256">Hash of the package's manifest; null for a method without weights.</param>
/// <param name="Device">Where it computes.</param>
public sealed record LocalizerInfo(string Name, string? Sha256, DeviceChoice Device);

/// <summary>What a localizer answers for one frame. Owned by the engine, reused.</summary>
public sealed class LocalizerOutput
{
    /// <summary>Value of <see cref="Why"/>: it has not seen or heard enough yet, and soon will have.</summary>
    public const string Listening = "listening";

    /// <summary>The heatmap to fill: size, range and scores.</summary>
    public Heatmap Heatmap { get; set; } = new();

    /// <summary>0..1: does this sound come from this picture at all? Below the detector's limit there is no source.</summary>
    public double Presence { get; set; }

    /// <summary>What presence was judged by, on the method's own scale, before any limit or calibration; NaN when there was nothing to judge.</summary>
    public double Evidence { get; set; } = double.NaN;

    /// <summary>Why there is none, in a word or two; null when there is one.</summary>
    public string? Why { get; set; }

    /// <summary>Threshold on the normalised heatmap above which a cell belongs to a source, 0..1.</summary>
    public float Threshold { get; set; } = 0.5f;
}

/// <summary>
/// A method of sound source localization: (frame, audio window) to heatmap. Called on one thread, in the order of the frames' times, and may keep
/// state between frames; the same sequence gives the same answers, whatever the load of the machine.
/// </summary>
public interface ILocalizer : IDisposable
{
    /// <summary>Its identity and device.</summary>
    LocalizerInfo Info { get; }

    /// <summary>The audio features it reads: the engine computes these, once per sample, and hands out windows of them.</summary>
    AudioFrontEnd FrontEnd { get; }

    /// <summary>Localizes one frame.</summary>
    /// <param name="frame">The picture; not kept after the call.</param>
    /// <param name="audio">The audio up to the frame's time; <see cref="AudioWindow.None"/> when there is none.</param>
    /// <param name="output">Filled by the call.</param>
    void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output);

    /// <summary>Forgets what it has seen: the source was cut, reconnected or changed.</summary>
    void Reset();
}
