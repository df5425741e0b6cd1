namespace RealtimeSsl.Training.Augment;

/// <summary>What is done to a window of sound before the network hears it. The default does nothing.</summary>
public sealed record SoundRecipe
{
    /// <summary>The sound as it is.</summary>
    public static SoundRecipe Plain { get; } = new();

    /// <summary>SSLalign's <c>aug</c>: the window lies anywhere in 10 s instead of in their middle: 3.5 s either way (56000 samples at 16 kHz).</summary>
    public static SoundRecipe Shifted { get; } = new() { ShiftSeconds = 3.5 };

    /// <summary>The window is moved by up to this either way.</summary>
    public double ShiftSeconds { get; init; }

    /// <summary>Probability that a similar sound is mixed in (SSL-TIE), or any other where no neighbours are known.</summary>
    public double MixChance { get; init; }

    /// <summary>Share of what is mixed in: own (1 - share) + other share.</summary>
    public double MixShare { get; init; } = 0.5;

    /// <summary>Level of added white noise in dB re full scale, drawn up to this; null adds none.</summary>
    public double? NoiseDbfs { get; init; }

    /// <summary>Loudness is changed by up to this many dB either way.</summary>
    public double GainDb { get; init; }

    /// <summary>Masks the spectrogram.</summary>
    public SpectrogramMask? Mask { get; init; }
}
