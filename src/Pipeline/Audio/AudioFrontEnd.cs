namespace RealtimeSsl.Pipeline;

/// <summary>Shape of the analysis window.</summary>
public enum WindowShape
{
    /// <summary>Periodic Hann.</summary>
    Hann,

    /// <summary>Periodic Tukey with alpha 0.25 (the symmetric window of one point more, without its last point).</summary>
    Tukey25,
}

/// <summary>Scale of a mel filter bank.</summary>
public enum MelScale
{
    /// <summary>2595 log10(1 + f / 700).</summary>
    Htk,

    /// <summary>Linear below 1 kHz, logarithmic above (Slaney's Auditory Toolbox).</summary>
    Slaney,
}

/// <summary>How power becomes a feature.</summary>
public enum LogScale
{
    /// <summary>ln(x + Floor) / Divisor.</summary>
    NaturalOverDivisor,

    /// <summary>10 log10(max(x, Floor)).</summary>
    Decibel,
}

/// <summary>A triangular mel filter bank.</summary>
/// <param name="Bands">Number of bands.</param>
/// <param name="LowHz">Lower edge of the first band.</param>
/// <param name="HighHz">Upper edge of the last band.</param>
/// <param name="Scale">Spacing.</param>
/// <param name="AreaNormalised">Whether each triangle has area 1 (Slaney's normalisation) instead of height 1.</param>
/// <param name="MelSlopes">Whether the flanks are straight in mel (TensorFlow, VGGish) instead of in Hz (torchaudio, librosa).</param>
public sealed record MelBank(int Bands, double LowHz, double HighHz, MelScale Scale, bool AreaNormalised, bool MelSlopes = false);

/// <summary>
/// An audio front end as data: everything that turns samples into the columns a method reads. Two front ends with equal values are the same
/// front end and share one ring.
/// </summary>
public sealed record AudioFrontEnd
{
    /// <summary>Identifier in model packages and configuration.</summary>
    public required string Id { get; init; }

    /// <summary>Sample rate in Hz that the front end works at; the engine mixes to mono and resamples.</summary>
    public required int Rate { get; init; }

    /// <summary>Window length in samples; at most <see cref="FftSize"/>.</summary>
    public required int WindowLength { get; init; }

    /// <summary>Samples from one column to the next.</summary>
    public required int Hop { get; init; }

    /// <summary>FFT length, a power of two; gives FftSize / 2 + 1 bins.</summary>
    public int FftSize { get; init; }

    /// <summary>
    /// Whether a column is nothing but the next Hop samples (SoundNet, SSPL: networks that make their own features); only Rate, Hop, WindowLength
    /// (the same) and Columns count then.
    /// </summary>
    public bool Waveform { get; init; }

    /// <summary>Window shape.</summary>
    public WindowShape Shape { get; init; }

    /// <summary>Whether each frame's mean is subtracted before windowing.</summary>
    public bool RemoveMean { get; init; }

    /// <summary>
    /// Whether power is a one-sided density |X|^2 / (Rate * sum(w^2)), inner bins doubled; otherwise |X|^2, divided by sum(w^2) if <see
    /// cref="WindowNormalised"/>.
    /// </summary>
    public bool Density { get; init; }

    /// <summary>Whether |X|^2 is divided by sum(w^2) (torchaudio's <c>normalized=True</c>).</summary>
    public bool WindowNormalised { get; init; }

    /// <summary>Whether the spectrum is |X| instead of a power (VGGish).</summary>
    public bool Magnitude { get; init; }

    /// <summary>
    /// Whether the signal is padded by reflection by FftSize / 2 on both sides (torchaudio's <c>center=True</c>): done for whole clips; a
    /// stream has no end to reflect, so its columns begin with its first sample.
    /// </summary>
    public bool Centered { get; init; }

    /// <summary>The mel filter bank; null keeps the linear bins.</summary>
    public MelBank? Mel { get; init; }

    /// <summary>How power becomes a feature.</summary>
    public LogScale Log { get; init; }

    /// <summary>Floor inside the logarithm.</summary>
    public double Floor { get; init; } = 1e-7;

    /// <summary>Divisor after the natural logarithm.</summary>
    public double Divisor { get; init; } = 1;

    /// <summary>Columns of a window: what the method's input is long.</summary>
    public required int Columns { get; init; }

    /// <summary>Rows of a column.</summary>
    public int Rows => Waveform ? Hop : Mel?.Bands ?? FftSize / 2 + 1;

    /// <summary>Length of a window in seconds.</summary>
    public double WindowSeconds => ((Columns - 1) * Hop + WindowLength) / (double)Rate;
}
