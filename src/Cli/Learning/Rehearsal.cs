using OpenCvSharp;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// New data and, between them, what the base was trained on: a network that sees only the new forgets the old (Robins, "Catastrophic forgetting, rehearsal and
/// pseudorehearsal", 1995).
/// </summary>
/// <param name="fresh">The new.</param>
/// <param name="known">The old.</param>
/// <param name="share">Share of the old, 0..1.</param>
internal sealed class Rehearsal(IClipSet fresh, IClipSet known, double share) : IClipSet
{
    /// <inheritdoc/>
    public string Name => $"{fresh.Name}, and {share:0 %} of {known.Name}";

    /// <inheritdoc/>
    public int Count { get; } = (int)Math.Round(fresh.Count / (1 - share));

    // Indices are interleaved: those of sets that are made as they are asked for have no end.

    /// <inheritdoc/>
    public int Pictures => 0;

    /// <inheritdoc/>
    public int Sounds => 0;

    /// <inheritdoc/>
    public int Rate => fresh.Rate;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; } = [.. fresh.Classes.Concat(known.Classes).Distinct().Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public ClipPair Pair(int index, ref SeededRandom random)
    {
        var old = index >= fresh.Count;
        var pair = old ? known.Pair(random.Below(known.Count), ref random) : fresh.Pair(index, ref random);
        return checked(new ClipPair(2 * pair.Picture + (old ? 1 : 0), 2 * pair.Sound + (old ? 1 : 0)));
    }

    /// <inheritdoc/>
    public int SiblingOf(int picture, ref SeededRandom random) => 2 * Of(picture).SiblingOf(picture / 2, ref random) + picture % 2;

    /// <inheritdoc/>
    public ClipInfo Describe(ClipPair pair) => Of(pair.Picture).Describe(new ClipPair(pair.Picture / 2, pair.Sound / 2));

    /// <inheritdoc/>
    public void ReadPicture(int picture, Mat into) => Of(picture).ReadPicture(picture / 2, into);

    /// <inheritdoc/>
    public bool ReadMotion(int picture, Mat into) => Of(picture).ReadMotion(picture / 2, into);

    /// <inheritdoc/>
    public void ReadSound(int sound, int shift, Span<float> window) => Of(sound).ReadSound(sound / 2, shift, window);

    private IClipSet Of(int index) => index % 2 == 1 ? known : fresh;
}
