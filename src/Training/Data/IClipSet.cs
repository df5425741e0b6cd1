using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Data;

/// <summary>A picture and a sound that belong together, by their indices in the set's two catalogues.</summary>
public readonly record struct ClipPair(int Picture, int Sound);

/// <summary>What is known of a pair.</summary>
/// <param name="Id">Names it in messages and reports.</param>
/// <param name="Class">Its class, where the data tell one.</param>
/// <param name="Group">What must not be torn apart by a split (a video, a recording of ESC-50, ...).</param>
/// <param name="Boxes">Where the sound comes from, in 0..1 of the picture, where it is known (mosaics, synthetic scenes); else empty.</param>
public sealed record ClipInfo(string Id, string? Class, string? Group, IReadOnlyList<Box> Boxes);

/// <summary>
/// What training reads: pictures and sounds, and which belong together. A set has a catalogue of pictures and one of sounds, so that a
/// similar picture or a similar sound can be taken by itself, and pairs of the two, numbered 0 .. Count - 1, which are an epoch. Reading
/// is a pure function of the index; any thread may read.
/// </summary>
public interface IClipSet
{
    /// <summary>Where it comes from, for messages.</summary>
    string Name { get; }

    /// <summary>Pairs in an epoch.</summary>
    int Count { get; }

    /// <summary>Pictures in the catalogue; 0 where they are made as they are asked for.</summary>
    int Pictures { get; }

    /// <summary>Sounds in the catalogue; 0 where they are made as they are asked for.</summary>
    int Sounds { get; }

    /// <summary>Sample rate of the sounds in Hz.</summary>
    int Rate { get; }

    /// <summary>The classes there are, in order; empty where the data tell none.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>The pair of that number. What is left to chance (a random sound of the class, a new scene) is drawn.</summary>
    ClipPair Pair(int index, ref SeededRandom random);

    /// <summary>Another picture of the same clip; the same one where there is no other.</summary>
    int SiblingOf(int picture, ref SeededRandom random);

    /// <summary>What is known of a pair.</summary>
    ClipInfo Describe(ClipPair pair);

    /// <summary>Reads a picture: 8 bits, R, G, B, of any size.</summary>
    /// <param name="picture">Index in the catalogue.</param>
    /// <param name="into">Overwritten; its memory is the caller's.</param>
    void ReadPicture(int picture, Mat into);

    /// <summary>Reads the motion that led to a picture: optical flow from the picture before.</summary>
    /// <param name="picture">Index in the catalogue.</param>
    /// <param name="into">CV_32FC2, overwritten: to the right and down, in pixels of the source per 40 ms. It covers the picture and may be smaller.</param>
    /// <returns>Whether it is known; a still picture has none.</returns>
    bool ReadMotion(int picture, Mat into);

    /// <summary>
    /// Reads a window of a sound. It lies around the sound's moment, moved into the recording where it would reach over one of its ends;
    /// a recording that is shorter than the window is repeated, as the methods' own loaders do it.
    /// </summary>
    /// <param name="sound">Index in the catalogue.</param>
    /// <param name="shift">Samples by which the window is moved from its moment.</param>
    /// <param name="window">Mono samples at <see cref="Rate"/>, full scale = 1; overwritten.</param>
    void ReadSound(int sound, int shift, Span<float> window);
}
