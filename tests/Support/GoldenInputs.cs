using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>The pictures and sounds from which Golden/forward.json was made, through the real front ends, and the comparison with it.</summary>
internal static class GoldenInputs
{
    /// <summary>The 3 s of Golden/audio.json.</summary>
    public static double[] Sound(uint seed) => [.. Enumerable.Range(0, 48000).Select(n =>
    {
        var t = n / 16000.0;
        return 0.5 * Math.Sin(2 * Math.PI * (200 * t + 600 * t * t)) + 0.05 * Golden.Uniform(seed, (uint)n, -1, 1);
    })];

    public static AudioWindow Play(AudioFrontEnd frontEnd, double[] samples)
    {
        using var scene = new Scene(frontEnd);
        scene.Play(3, i => samples[i]);
        var window = scene.Window(TimeSpan.FromSeconds(3));
        Assert.Equal(frontEnd.Columns, window.EndColumn);
        return window;
    }

    public static AudioWindow Backwards(in AudioWindow window)
    {
        var frontEnd = window.Ring!.FrontEnd;
        var ring = new SpectrogramRing(frontEnd, frontEnd.Columns);
        for (var column = frontEnd.Columns - 1; column >= 0; column--)
        {
            window.Ring.Column(column).CopyTo(ring.Next());
            ring.Commit();
        }

        return window with { Ring = ring };
    }

    public static float[] Localize(ILocalizer localizer, (int Width, int Height) size, in AudioWindow window)
    {
        using var scene = new Scene(localizer.FrontEnd);
        var output = new LocalizerOutput();
        localizer.Localize(scene.Frame(TimeSpan.FromSeconds(3), 0, size.Width, size.Height), window, output);
        return output.Heatmap.Scores.ToArray();
    }

    /// <summary>Holds maps against golden ones.</summary>
    public static void Agree(JsonElement golden, double tolerance, params float[][] maps)
    {
        var (worst, _) = Compare(golden, maps);
        Assert.InRange(worst, 0, tolerance);
    }

    /// <summary>The same, in parts of the golden maps' largest value: scores about 0 are differences of large numbers.</summary>
    public static void AgreeRelatively(JsonElement golden, double tolerance, params float[][] maps)
    {
        var (worst, largest) = Compare(golden, maps);
        Assert.InRange(worst / largest, 0, tolerance);
    }

    private static (double Worst, double Largest) Compare(JsonElement golden, float[][] maps)
    {
        var (worst, largest) = (0.0, 0.0);
        for (var item = 0; item < maps.Length; item++)
        {
            var expected = golden[item].EnumerateArray().SelectMany(row => row.Doubles()).ToArray();
            Assert.Equal(expected.Length, maps[item].Length);
            worst = Math.Max(worst, expected.Zip(maps[item]).Max(p => Math.Abs(p.First - p.Second)));
            largest = Math.Max(largest, expected.Max(Math.Abs));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {worst:g3}, {worst / largest:g3} of the largest value");
        return (worst, largest);
    }
}
