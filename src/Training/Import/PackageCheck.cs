using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// Runs a package once, from a picture and a sound by formula to the heatmap, on the CPU: what is handed over has run on the machine that made it.
/// </summary>
internal static class PackageCheck
{
    private const int Width = 320;
    private const int Height = 240;

    /// <summary>Runs it.</summary>
    /// <returns>What came out, for people: "14 x 14 map, scores 0.41 to 0.58".</returns>
    /// <exception cref="InferenceException">It does not run, or its scores mean nothing.</exception>
    public static string Run(string folder, ILog log)
    {
        using var localizer = LocalizerFactory.Create(Path.GetFullPath(folder), new LocalizerOptions(log) { Device = "cpu" });
        var frontEnd = localizer.FrontEnd;
        var end = TimeSpan.FromSeconds(frontEnd.WindowSeconds + 0.5);
        var analyzer = new AudioAnalyzer(frontEnd, new Counters());
        using var sound = Sound((int)(end.TotalSeconds * frontEnd.Rate), frontEnd.Rate);
        analyzer.Push(sound);
        using var picture = Picture(end);
        var output = new LocalizerOutput();
        localizer.Localize(picture, analyzer.WindowAt(end), output);

        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var score in output.Heatmap.Scores)
        {
            (low, high) = (Math.Min(low, score), Math.Max(high, score));
        }

        // Equal everywhere: also what a localizer answers when the network gives no numbers.
        return high > low
            ? $"{output.Heatmap.Rows} x {output.Heatmap.Cols} map, scores {low:0.###} to {high:0.###}"
            : throw new InferenceException($"its network gives {high:0.###} for every place of a picture ({output.Why ?? "no reason given"}): are these trained weights?");
    }

    private static VideoFrame Picture(TimeSpan time)
    {
        var frame = new FramePool().Rent(Width, Height).Stamp(0, time, time);
        var pixels = frame.Pixels;
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y, channel) = (i / 3 % Width, i / 3 / Width, i % 3);
            pixels[i] = (byte)(channel switch { 0 => (x ^ y) * 5, 1 => (x * x + y * y) / 64, _ => 7 * x + 3 * y });
        }

        return frame;
    }

    /// <summary>A rising tone, full of harmonics.</summary>
    private static AudioBlock Sound(int length, int rate)
    {
        var block = new AudioBlockPool().Rent(length, 1, rate).Stamp(0, TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 0; i < length; i++)
        {
            var t = (double)i / rate;
            var phase = 2 * Math.PI * (200 * t + 150 * t * t);
            block.Samples[i] = (float)(0.3 * Math.Sin(phase) + 0.1 * Math.Sin(3 * phase) + 0.05 * Math.Sin(7 * phase));
        }

        return block;
    }
}
