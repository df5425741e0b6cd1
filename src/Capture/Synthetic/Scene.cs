using System.Collections.Concurrent;
using OpenCvSharp;
using RealtimeSsl.Capture.Synthetic.Things;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Synthetic;

/// <summary>What is true at a moment of a synthetic scene.</summary>
/// <param name="Name">The thing.</param>
/// <param name="Box">Where it is, 0..1 of the picture.</param>
/// <param name="Sounds">Whether it is in a span in which it sounds.</param>
/// <param name="Visible">Whether the camera sees it.</param>
public readonly record struct SceneTruth(string Name, Box Box, bool Sounds, bool Visible);

/// <summary>
/// A scene whose picture and sound are pure functions of time and seed: things that move and sound by one rhythm, decoys that move by
/// others and are silent, sounds from off screen, pauses. The truth is known, so a localizer can be judged on it.
/// </summary>
public sealed class Scene
{
    /// <summary>Sample rate of the sound in Hz.</summary>
    public const int Rate = 48000;

    private static readonly Scalar Wall = new(214, 220, 224);
    private static readonly Scalar Floor = new(168, 178, 186);
    private readonly IReadOnlyList<Thing> _things;
    private readonly int _seed;
    private readonly byte[] _grain;

    // Training makes a scene for each picture: grain of one seed is made once.
    private static readonly ConcurrentDictionary<int, byte[]> Grains = new();

    internal Scene(string name, int seed, IReadOnlyList<Thing> things)
    {
        (Name, _seed, _things) = (name, seed, things);
        _grain = Grains.GetOrAdd(seed, MakeGrain);
    }

    /// <summary>Name of the scene.</summary>
    public string Name { get; }

    /// <summary>Draws the picture of a moment.</summary>
    /// <param name="image">BGR, 8 bits, any size; overwritten.</param>
    /// <param name="time">Seconds of the scene.</param>
    public void Draw(Mat image, double time)
    {
        var canvas = new Canvas(image);
        canvas.Block(0, 0, canvas.Aspect, 0.8, Wall);
        canvas.Block(0, 0.8, canvas.Aspect, 1, Floor);
        canvas.Line(0, 0.8, canvas.Aspect, 0.8, new Scalar(150, 160, 168), 0.004);
        foreach (var thing in _things)
        {
            if (thing.Visible)
            {
                thing.Draw(canvas, time);
            }
        }

        AddGrain(image, (int)(Hash.Uniform(_seed + 2, (long)(time * 1000)) * _grain.Length));
    }

    /// <summary>Renders stereo sound, panned by where each thing is.</summary>
    /// <param name="first">Index of the first sample, at <see cref="Rate"/>.</param>
    /// <param name="stereo">Interleaved left and right; overwritten. Full scale 1.0, never beyond.</param>
    /// <param name="aspect">Width over height of the picture that goes with it.</param>
    public void Render(long first, Span<float> stereo, double aspect)
    {
        var frames = stereo.Length / 2;
        for (var i = 0; i < frames; i++)
        {
            // The room: about -75 dBFS, below what counts as sound.
            stereo[2 * i] = (float)((Hash.Uniform(_seed + 3, first + i) - 0.5) * 6e-4);
            stereo[2 * i + 1] = (float)((Hash.Uniform(_seed + 4, first + i) - 0.5) * 6e-4);
        }

        foreach (var thing in _things)
        {
            if (thing.Sounds.Count > 0)
            {
                Add(thing, first, frames, stereo, aspect);
            }
        }

        for (var i = 0; i < stereo.Length; i++)
        {
            stereo[i] = MathF.Tanh(stereo[i]);
        }
    }

    /// <summary>What is true at a moment.</summary>
    /// <param name="time">Seconds of the scene.</param>
    /// <param name="aspect">Width over height of the picture.</param>
    public IReadOnlyList<SceneTruth> Truth(double time, double aspect) =>
        [.. _things.Select(t => new SceneTruth(t.Name, t.Box(time, aspect), t.Sounds.Any(s => time >= s.From && time < s.To), t.Visible))];

    private static void Add(Thing thing, long first, int frames, Span<float> stereo, double aspect)
    {
        var (begin, end) = ((double)first / Rate, (double)(first + frames) / Rate);
        var after = thing.Rhythm.FirstAfter(end);
        for (var index = thing.Rhythm.FirstAfter(begin - thing.Ring); index < after; index++)
        {
            var e = thing.Rhythm[index];
            if (!thing.Voices(e))
            {
                continue;
            }

            // Constant power between left (0) and right (1); what is off screen sounds hard left.
            var box = thing.Box(e.Time, aspect);
            var pan = thing.Visible ? (box.X1 + box.X2) / 2 * Math.PI / 2 : 0;
            var (left, right) = ((float)Math.Cos(pan), (float)Math.Sin(pan));
            var start = (long)Math.Ceiling(e.Time * Rate);
            var from = Math.Max(first, start);
            var to = Math.Min(first + frames, start + (long)(thing.Ring * Rate));
            for (var n = from; n < to; n++)
            {
                var sample = (float)thing.Sample(e, (double)n / Rate - e.Time);
                stereo[(int)(2 * (n - first))] += left * sample;
                stereo[(int)(2 * (n - first)) + 1] += right * sample;
            }
        }
    }

    /// <summary>A camera's noise: about 1.5 grey levels.</summary>
    private static byte[] MakeGrain(int seed)
    {
        var grain = new byte[1 << 16];
        for (var i = 0; i < grain.Length; i++)
        {
            grain[i] = (byte)(4 + (Hash.Uniform(seed, i) + Hash.Uniform(seed + 1, i) - 1) * 4);
        }

        return grain;
    }

    private unsafe void AddGrain(Mat image, int offset)
    {
        var length = image.Width * image.Height * 3;
        var pixels = new Span<byte>((void*)image.Data, length);
        for (var at = 0; at < length;)
        {
            var run = Math.Min(length - at, _grain.Length - offset);
            GrainOver(pixels.Slice(at, run), _grain.AsSpan(offset, run));
            (at, offset) = (at + run, 0);
        }
    }

    private static void GrainOver(Span<byte> pixels, ReadOnlySpan<byte> grain)
    {
        var at = 0;
        var width = System.Numerics.Vector<byte>.Count;
        var middle = new System.Numerics.Vector<byte>(4);
        for (; at <= pixels.Length - width; at += width)
        {
            // The scene's colours keep clear of 0 and 255 by more than the grain, but for a few dark details; wrap-around is avoided by saturation.
            var raised = System.Numerics.Vector.AddSaturate(new System.Numerics.Vector<byte>(pixels[at..]), new System.Numerics.Vector<byte>(grain[at..]));
            System.Numerics.Vector.SubtractSaturate(raised, middle).CopyTo(pixels[at..]);
        }

        for (; at < pixels.Length; at++)
        {
            pixels[at] = (byte)Math.Clamp(pixels[at] + grain[at] - 4, 0, 255);
        }
    }
}
