using System.Collections.Concurrent;
using System.Numerics.Tensors;
using OpenCvSharp;
using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Cli.Running;

/// <summary>
/// Synthetic scenes as training data without end: one to three things of those that sound, and silent ones between them, anywhere in the picture; one
/// is heard, and its box is known. What is heard and what is seen of it are of the same moment. A set of another seed has other places, rhythms,
/// grain: it is held-out data.
/// </summary>
internal sealed class SyntheticClips : IClipSet
{
    private const double Aspect = 16.0 / 9;
    private const int Slots = 4;
    private const int Rhythms = 8;
    private const double Length = 10;
    private readonly int _seed;
    private readonly int _count;
    private readonly int _height;
    private readonly bool _fixed;
    private readonly string[] _kinds;
    private readonly (int Scene, int Which)[] _turns;

    // What a thing sounds like is drawn once: 10 s for each rhythm of each kind.
    private readonly ConcurrentDictionary<(string Kind, int Rhythm), Lazy<float[]>> _sounds = new();

    /// <summary>Makes the set.</summary>
    /// <param name="seed">Everything follows from it.</param>
    /// <param name="count">Pairs in an epoch; scenes, if they are fixed.</param>
    /// <param name="rate">Hz of the sounds.</param>
    /// <param name="height">Height of the pictures, 16:9, in pixels.</param>
    /// <param name="fixedMoments">Always the same scenes, of two or three things, each of them heard in turn (validation).</param>
    /// <param name="kinds">Things that sound; null for all.</param>
    public SyntheticClips(int seed, int count, int rate, int height = 144, bool fixedMoments = false, IReadOnlyList<string>? kinds = null)
    {
        (_seed, _count, Rate, _height, _fixed) = (seed, count, rate, height, fixedMoments);
        _kinds = [.. kinds ?? Scenes.Kinds];
        _turns = fixedMoments ? [.. Enumerable.Range(0, count).SelectMany(s => Enumerable.Range(0, Heard(s)).Select(w => (s, w)))] : [];
    }

    private sealed record Moment(PlacedThing[] Things, double Time);

    /// <inheritdoc/>
    public string Name => $"synthetic scenes ({string.Join(", ", _kinds)})";

    /// <inheritdoc/>
    public int Count => _fixed ? _turns.Length : _count;

    /// <inheritdoc/>
    public int Pictures => _fixed ? _count : 0;

    /// <inheritdoc/>
    public int Sounds => _fixed ? Slots * _count : 0;

    /// <inheritdoc/>
    public int Rate { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => _kinds;

    /// <inheritdoc/>
    public ClipPair Pair(int index, ref SeededRandom random)
    {
        // A sound's index is its scene's, times 4, and which of its things is heard.
        var (scene, which) = _fixed ? _turns[index] : (random.Below(int.MaxValue / 4 / Slots), -1);
        return new ClipPair(scene, Slots * scene + (which >= 0 ? which : random.Below(Heard(scene))));
    }

    /// <inheritdoc/>
    public int SiblingOf(int picture, ref SeededRandom random) => picture;

    /// <inheritdoc/>
    public ClipInfo Describe(ClipPair pair)
    {
        var moment = Make(pair.Picture);
        var heard = Make(pair.Sound / Slots).Things[pair.Sound % Slots].Kind;
        var boxes = Scenes.Arrange(1, moment.Things).Truth(moment.Time, Aspect).Where(t => t.Name == heard).Select(t => t.Box).Take(1).ToArray();
        return new ClipInfo(FormattableString.Invariant($"scene {pair.Picture}: {heard}"), heard, null, boxes);
    }

    /// <inheritdoc/>
    public void ReadPicture(int picture, Mat into)
    {
        using var bgr = Draw(picture, TimeSpan.Zero);
        Cv2.CvtColor(bgr, into, ColorConversionCodes.BGR2RGB);
    }

    /// <inheritdoc/>
    public bool ReadMotion(int picture, Mat into)
    {
        using Mat before = Draw(picture, OpticalFlow.Nominal), now = Draw(picture, TimeSpan.Zero);
        using Mat first = new(), second = new();
        Cv2.CvtColor(before, first, ColorConversionCodes.BGR2GRAY);
        Cv2.CvtColor(now, second, ColorConversionCodes.BGR2GRAY);
        OpticalFlow.Between(first, second, into);

        // In pixels of the scenes as a run shows them.
        var flow = into.AsSpan<float>();
        TensorPrimitives.Multiply(flow, (float)new SyntheticOptions().Height / _height, flow);
        return true;
    }

    /// <inheritdoc/>
    public void ReadSound(int sound, int shift, Span<float> window)
    {
        var moment = Make(sound / Slots);
        var thing = moment.Things[sound % Slots];
        var samples = _sounds.GetOrAdd((thing.Kind, thing.Rhythm), key => new Lazy<float[]>(() => Render(key.Kind, key.Rhythm))).Value;
        var first = Math.Clamp((int)(moment.Time * Rate) - window.Length / 2 + shift, 0, samples.Length - window.Length);
        samples.AsSpan(first, window.Length).CopyTo(window);
    }

    private Mat Draw(int picture, TimeSpan earlier)
    {
        var moment = Make(picture);
        var bgr = new Mat(_height, (int)(_height * Aspect), MatType.CV_8UC3);
        Scenes.Arrange(picture % 16 + 1, moment.Things).Draw(bgr, moment.Time - earlier.TotalSeconds);
        return bgr;
    }

    /// <summary>How many things of a scene can be heard; they come first.</summary>
    private int Heard(int scene)
    {
        // For learning mostly one: what is seen alone with its sound teaches most.
        var (random, most) = (SeededRandom.At(_seed, 1, scene), Math.Min(3, _kinds.Length));
        return _fixed ? 2 + random.Below(most - 1) : random.Chance(0.55) ? 1 : Math.Min(most, random.Chance(0.65) ? 2 : 3);
    }

    private Moment Make(int number)
    {
        var random = SeededRandom.At(_seed, 2, number);
        var (heard, slots, kinds) = (Heard(number), new[] { 0, 1, 2, 3 }, (string[])_kinds.Clone());
        random.Shuffle(slots.AsSpan());
        random.Shuffle(kinds.AsSpan());
        List<PlacedThing> things = [.. kinds.Take(heard).Select((k, i) => Place(k, slots[i], ref random))];
        foreach (var decoy in (ReadOnlySpan<string>)["fan", "pendulum"])
        {
            if (things.Count < Slots && random.Chance(0.4))
            {
                things.Add(Place(decoy, slots[things.Count], ref random));
            }
        }

        return new Moment([.. things], random.Uniform(3, Length - 3));
    }

    /// <summary>A column each, anywhere in it that leaves the thing in the picture.</summary>
    private PlacedThing Place(string kind, int slot, ref SeededRandom random)
    {
        var (top, bottom) = kind switch
        {
            "ball" => (0.35, 0.95), "bird" => (0.15, 0.85), "drum" => (0.2, 0.8), "face" => (0.18, 0.68), "fan" => (0.15, 0.75), _ => (0.05, 0.7),
        };
        var rhythm = _seed * 1000 + random.Below(Rhythms);
        return new PlacedThing(kind, rhythm, Aspect / Slots * (slot + 0.5 + random.Uniform(-0.1, 0.1)), random.Uniform(top, bottom), true);
    }

    private float[] Render(string kind, int rhythm)
    {
        var scene = Scenes.Arrange(rhythm, [new PlacedThing(kind, rhythm, Aspect / 2, 0.5, true)]);
        var resampler = new Resampler(Scene.Rate, Rate);
        var length = (int)(Length * Scene.Rate) + 2 * resampler.Lookahead + 2;
        var stereo = new float[2 * length];
        scene.Render(0, stereo, Aspect);
        var mono = new double[length];
        for (var i = 0; i < length; i++)
        {
            mono[i] = 0.5 * (stereo[2 * i] + stereo[2 * i + 1]);
        }

        var output = new double[resampler.MaxOutput(length)];
        resampler.Process(mono, output);
        return [.. output.Take((int)(Length * Rate)).Select(v => (float)v)];
    }
}
