using OpenCvSharp;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Cli.Learning;

/// <summary>Some pairs of a set, spread over it evenly: a class folder has its classes one after the other.</summary>
/// <param name="set">All.</param>
/// <param name="most">How many, if there are more.</param>
internal sealed class SomeClips(IClipSet set, int most) : IClipSet
{
    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public int Count => Math.Min(most, set.Count);

    /// <inheritdoc/>
    public int Pictures => set.Pictures;

    /// <inheritdoc/>
    public int Sounds => set.Sounds;

    /// <inheritdoc/>
    public int Rate => set.Rate;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => set.Classes;

    /// <inheritdoc/>
    public ClipPair Pair(int index, ref SeededRandom random) => set.Pair((int)((long)index * set.Count / Count), ref random);

    /// <inheritdoc/>
    public int SiblingOf(int picture, ref SeededRandom random) => set.SiblingOf(picture, ref random);

    /// <inheritdoc/>
    public ClipInfo Describe(ClipPair pair) => set.Describe(pair);

    /// <inheritdoc/>
    public void ReadPicture(int picture, Mat into) => set.ReadPicture(picture, into);

    /// <inheritdoc/>
    public bool ReadMotion(int picture, Mat into) => set.ReadMotion(picture, into);

    /// <inheritdoc/>
    public void ReadSound(int sound, int shift, Span<float> window) => set.ReadSound(sound, shift, window);
}
