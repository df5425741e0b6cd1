using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference;

/// <summary>How a localizer is to run.</summary>
/// <param name="Log">Where it tells what it chose.</param>
public sealed record LocalizerOptions(ILog Log)
{
    /// <summary>Folder of the model packages; a relative one is looked for in the current folder, and then beside the program.</summary>
    public string ModelsFolder { get; init; } = "models";

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>directml</c>; with <c>!</c> after it: fail rather than fall back.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads within an operator of a network; 0: one per core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether float32 networks on the CPU compute their wide 3x3 convolutions in Winograd's way: faster, with 16 weights for every 9 of those, and values that differ in
    /// the last digits (1e-6 of the largest).
    /// </summary>
    public bool Winograd { get; init; } = true;

    /// <summary>How often the audio network runs, in the source's time.</summary>
    public TimeSpan AudioEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Level below which it is silent, in dB re full scale.</summary>
    public double SilenceDbfs { get; init; } = -60;

    /// <summary>Constants of the built-in synchrony method.</summary>
    public SynchronySettings Synchrony { get; init; } = new();
}
