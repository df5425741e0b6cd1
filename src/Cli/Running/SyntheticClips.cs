using OpenCvSharp;
using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Cli.Running;

/// <summary>
/// The synthetic scenes as training data without end: each pair is another moment of a scene in which one thing sounds, with its box. Scenes of other
/// seeds have other rhythms and grain, so a set of another seed is held-out data.
/// </summary>
/// <param name="seed">Everything follows from it.</param>
/// <param name="count">Pairs in an epoch.</param>
/// <param name="rate">Hz of the sounds.</param>
/// <param name="height">Height of the pictures, 16:9, in pixels.</param>
/// <param name="fixedMoments">Always the same moments (validation).</param>
internal sealed class SyntheticClips(int seed, int count, int rate, int height = 144, bool fixedMoments = false) : IClipSet
{
    private const double Latest = 120;
    private const int Seeds = 8;
    private const double Aspect = 16.0 / 9;
    private static readonly string[] Sounding = ["ball", "bird", "drum", "face"];

    // A scene's rhythms grow as they are asked for: one of each for each thread.
    [ThreadStatic]
    private static Dictionary<(string Name, int Seed), Scene>? _scenes;

    /// <inheritdoc/>
    public string Name => "synthetic";

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int Pictures => fixedMoments ? count : 0;

    /// <inheritdoc/>
    public int Sounds => fixedMoments ? count : 0;

    /// <inheritdoc/>
    public int Rate => rate;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => Sounding;

    /// <inheritdoc/>
    public ClipPair Pair(int index, ref SeededRandom random)
    {
        var moment = fixedMoments ? index : random.Below(int.MaxValue);
        return new ClipPair(moment, moment);
    }

    /// <inheritdoc/>
    public int SiblingOf(int picture, ref SeededRandom random) => picture;

    /// <inheritdoc/>
    public ClipInfo Describe(ClipPair pair)
    {
        var (scene, time) = Moment(pair.Picture);
        var heard = Moment(pair.Sound).Scene.Name;

        // A swapped sound is that of another thing, which is there but silent: its box is known all the same.
        var boxes = scene.Truth(time, Aspect).Where(t => t.Visible && t.Name == heard).Take(1).Select(t => t.Box).ToArray();
        return new ClipInfo(FormattableString.Invariant($"{scene.Name}@{time:0.000}"), heard, null, boxes);
    }

    /// <inheritdoc/>
    public void ReadPicture(int picture, Mat into)
    {
        var (scene, time) = Moment(picture);
        using var bgr = new Mat(height, (int)(height * Aspect), MatType.CV_8UC3);
        scene.Draw(bgr, time);
        Cv2.CvtColor(bgr, into, ColorConversionCodes.BGR2RGB);
    }

    /// <inheritdoc/>
    public void ReadSound(int sound, int shift, Span<float> window)
    {
        var (scene, time) = Moment(sound);
        var resampler = new Resampler(Scene.Rate, rate);
        var length = (int)((long)window.Length * Scene.Rate / rate) + 2 * resampler.Lookahead + 2;
        var first = (long)((time + (shift - window.Length / 2.0) / rate) * Scene.Rate);
        var stereo = new float[2 * length];
        scene.Render(Math.Max(0, first), stereo, Aspect);
        var mono = new double[length];
        for (var i = 0; i < length; i++)
        {
            mono[i] = 0.5 * (stereo[2 * i] + stereo[2 * i + 1]);
        }

        var output = new double[resampler.MaxOutput(length)];
        resampler.Process(mono, output);
        for (var i = 0; i < window.Length; i++)
        {
            window[i] = (float)output[i];
        }
    }

    private (Scene Scene, double Time) Moment(int id)
    {
        var random = SeededRandom.At(seed, 1, id);
        var key = (Sounding[random.Below(Sounding.Length)], Seeds * seed + random.Below(Seeds) + 1);
        var scenes = _scenes ??= [];
        if (!scenes.TryGetValue(key, out var scene))
        {
            scenes[key] = scene = Scenes.Make(key.Item1, key.Item2);
        }

        return (scene, random.Uniform(4, Latest));
    }
}
