using OpenCvSharp;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>How mosaics are made.</summary>
public sealed record MosaicOptions
{
    /// <summary>Scenes in the set.</summary>
    public int Scenes { get; init; } = 200;

    /// <summary>Fewest pictures in a scene, 2 to 4.</summary>
    public int Fewest { get; init; } = 2;

    /// <summary>Most pictures in a scene, 2 to 4.</summary>
    public int Most { get; init; } = 4;

    /// <summary>How many of them sound at once; more than one is a mixture.</summary>
    public int Sounding { get; init; } = 1;

    /// <summary>Pasted on a background picture; else tiled.</summary>
    public bool Pasted { get; init; }

    /// <summary>Width and height in pixels.</summary>
    public int Side { get; init; } = 224;

    /// <summary>Everything follows from it.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>New scenes each time (training); else always the same, each of their pictures sounding in turn (validation).</summary>
    public bool Endless { get; init; }
}

/// <summary>
/// A set made of another: scenes of several of its pictures, in which one (or more) sounds, with the box of what sounds. The pictures of a scene are of
/// different classes, where classes are known. Meant for a plain plan: a crop would move the boxes.
/// </summary>
public sealed class MosaicClips : IClipSet
{
    private const int Attempts = 50;
    private readonly IClipSet _from;
    private readonly MosaicOptions _options;
    private readonly (int Scene, int Which)[] _turns;

    /// <summary>Makes the set.</summary>
    /// <param name="from">Where pictures and sounds come from.</param>
    /// <param name="options">How.</param>
    public MosaicClips(IClipSet from, MosaicOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Fewest, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Most, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Most, options.Fewest);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Sounding, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Sounding, options.Fewest);
        (_from, _options) = (from, options);
        _turns = [.. Enumerable.Range(0, options.Scenes).SelectMany(s => Enumerable.Range(0, Size(s)).Select(w => (s, w)))];
    }

    private sealed record Scene(ClipPair[] Pairs, ClipInfo[] Infos, Rect[] Places, SeededRandom Random);

    /// <inheritdoc/>
    public string Name => $"mosaics of {_from.Name}";

    /// <inheritdoc/>
    public int Count => _options.Endless ? _options.Scenes : _turns.Length;

    /// <inheritdoc/>
    public int Pictures => _options.Endless ? 0 : _options.Scenes;

    /// <inheritdoc/>
    public int Sounds => _options.Endless ? 0 : 4 * _options.Scenes;

    /// <inheritdoc/>
    public int Rate => _from.Rate;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => _from.Classes;

    /// <inheritdoc/>
    public ClipPair Pair(int index, ref SeededRandom random)
    {
        // A sound's index is its scene's, times 4, and which of its pictures sounds.
        var (scene, which) = _options.Endless ? (random.Below(int.MaxValue / 4), -1) : _turns[index];
        return new ClipPair(scene, 4 * scene + (which >= 0 ? which : random.Below(Size(scene))));
    }

    /// <inheritdoc/>
    public int SiblingOf(int picture, ref SeededRandom random) => picture;

    /// <inheritdoc/>
    public ClipInfo Describe(ClipPair pair)
    {
        var scene = Make(pair.Picture);
        Box[] boxes = [.. Sounding(scene, pair.Sound).Select(i => ToBox(scene.Places[i]))];
        var id = $"mosaic {pair.Picture}, {pair.Sound % 4 + 1} of {scene.Pairs.Length}: {scene.Infos[pair.Sound % 4].Id}";
        return new ClipInfo(id, scene.Infos[pair.Sound % 4].Class, null, boxes);
    }

    /// <inheritdoc/>
    public void ReadPicture(int picture, Mat into)
    {
        var scene = Make(picture);
        var random = scene.Random;
        var side = _options.Side;
        using var piece = new Mat();
        into.Create(side, side, MatType.CV_8UC3);
        if (_options.Pasted)
        {
            // The background is a picture of its own, blurred, so that it does not sound.
            _from.ReadPicture(_from.Pair(random.Below(_from.Count), ref random).Picture, piece);
            Mosaic.Put(into, new Rect(0, 0, side, side), piece);
            using var sharp = into.Clone();
            Cv2.GaussianBlur(sharp, into, new Size(0, 0), side / 16.0);
        }

        for (var i = 0; i < scene.Pairs.Length; i++)
        {
            _from.ReadPicture(scene.Pairs[i].Picture, piece);
            Mosaic.Put(into, scene.Places[i], piece);
        }
    }

    /// <summary>Pictures put together stand still.</summary>
    public bool ReadMotion(int picture, Mat into) => false;

    /// <inheritdoc/>
    public void ReadSound(int sound, int shift, Span<float> window)
    {
        var scene = Make(sound / 4);
        window.Clear();
        var one = new float[window.Length];
        foreach (var i in Sounding(scene, sound))
        {
            _from.ReadSound(scene.Pairs[i].Sound, shift, one);
            System.Numerics.Tensors.TensorPrimitives.Add(window, one, window);
        }
    }

    private IEnumerable<int> Sounding(Scene scene, int sound) =>
        Enumerable.Range(0, _options.Sounding).Select(i => (sound % 4 + i) % scene.Pairs.Length);

    private int Size(int scene) => _options.Fewest + SeededRandom.At(_options.Seed, 1, scene).Below(_options.Most - _options.Fewest + 1);

    private Scene Make(int number)
    {
        var random = SeededRandom.At(_options.Seed, 2, number);
        var count = Size(number);
        var (pairs, infos) = (new ClipPair[count], new ClipInfo[count]);
        for (var i = 0; i < count; i++)
        {
            // Different classes, as far as a few attempts find them: a set of one class has to do, too.
            var attempt = 0;
            do
            {
                pairs[i] = _from.Pair(random.Below(_from.Count), ref random);
                infos[i] = _from.Describe(pairs[i]);
            }
            while (++attempt < Attempts && Alike(infos, i));
        }

        var places = Mosaic.Places(count, _options.Side, apart: _options.Pasted, n => random.Below(n));
        return new Scene(pairs, infos, places, random);
    }

    private static bool Alike(ClipInfo[] infos, int last)
    {
        for (var i = 0; i < last; i++)
        {
            if (infos[i].Class is { } name ? name == infos[last].Class : infos[i].Group == infos[last].Group)
            {
                return true;
            }
        }

        return false;
    }

    private Box ToBox(Rect place)
    {
        var side = (float)_options.Side;
        return new Box(place.X / side, place.Y / side, (place.X + place.Width) / side, (place.Y + place.Height) / side);
    }
}
