using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Synchrony;

/// <summary>The synchrony localizer on a small scene: a square that flares with bursts of noise, and one that flares on its own.</summary>
public sealed class LocalizerTests
{
    private const int Width = 320;
    private const int Height = 180;

    [Theory]
    [InlineData(15)]
    [InlineData(30)]
    [InlineData(60)]
    public void What_flares_with_the_sound_is_found_at_any_frame_rate(double fps)
    {
        var seen = Watch(fps, 10).Where(s => s.Time >= 2).ToList();
        Assert.True(seen.Count(s => s.InSource) >= 0.95 * seen.Count);
        Assert.True(seen.Count(s => s.Presence >= 0.5 && s.InSource) > 0.5 * seen.Count);
    }

    [Fact]
    public void A_sound_that_nothing_moves_with_gives_no_source()
    {
        var seen = Watch(30, 10, visible: false);
        Assert.True(seen.Count(s => s.Presence < 0.5) >= 0.98 * seen.Count);
        Assert.Contains(seen, s => s.Why == "off screen?");
    }

    [Fact]
    public void Silence_gives_no_source_and_one_that_was_there_is_gone_within_half_a_second()
    {
        var seen = Watch(30, 10, silentFrom: 6);
        Assert.Contains(seen, s => s.Time is > 4 and < 6 && s.Presence >= 0.5);
        Assert.All(seen.Where(s => s.Time >= 6.5), s => Assert.Equal("silent", s.Why));
        Assert.All(seen.Where(s => s.Time >= 6.5), s => Assert.Equal(0, s.Presence));
    }

    [Fact]
    public void A_file_without_sound_is_told()
    {
        var seen = Watch(30, 2, audible: false);
        Assert.All(seen, s => Assert.Equal((0.0, "no audio"), (s.Presence, s.Why)));
    }

    [Fact]
    public void After_a_cut_it_listens_anew()
    {
        var seen = Watch(30, 8, cutAt: 5);
        Assert.Contains(seen, s => s.Time is > 4 and < 5 && s.Presence >= 0.5);
        Assert.All(seen.Where(s => s.Time is > 5.1 and < 5.8), s => Assert.True(s.Presence == 0, $"{s.Time}: {s.Presence}"));
    }

    [Fact]
    public void The_same_pictures_and_sound_give_the_same_answers()
    {
        Assert.Equal(Watch(25, 4), Watch(25, 4));
    }

    [Fact]
    public void Nothing_is_allocated_per_frame()
    {
        // The least of four rounds of a second, as in Allocations: what leaks is in each of them.
        var (least, before, rounds) = (long.MaxValue, 0L, 0);
        Watch(30, 8, after: (i, measure) =>
        {
            if (i >= 100 && (i - 100) % 30 == 0)
            {
                (least, before, rounds) = (i == 100 ? long.MaxValue : Math.Min(least, measure - before), measure, rounds + 1);
            }
        });
        Assert.Equal((0, 5), (least, rounds));
    }

    private static List<Seen> Watch(
        double fps, double seconds, bool visible = true, bool audible = true, double silentFrom = 99, double cutAt = 99, Action<int, long>? after = null)
    {
        using var localizer = new SynchronyLocalizer();
        var analyzer = new AudioAnalyzer(localizer.FrontEnd, new Counters());
        var (blocks, frames, output) = (new AudioBlockPool(), new FramePool(), new LocalizerOutput());
        var (heard, moves, other) = (Bursts(1), Bursts(visible ? 1u : 3u), Bursts(2));
        var seen = new List<Seen>();
        long allocated = 0;
        for (var (i, samples) = (0, 0L); i < fps * seconds; i++)
        {
            var time = TimeSpan.FromSeconds(i / fps);
            if (audible)
            {
                samples = Play(analyzer, blocks, samples, time, t => t < silentFrom && Flares(heard, t));
            }

            using var frame = frames.Rent(Width, Height).Stamp(i, time, time);
            Paint(frame.Pixels, (byte)(time.TotalSeconds >= cutAt ? 210 : 90), Flares(moves, time.TotalSeconds), Flares(other, time.TotalSeconds));
            var window = audible ? analyzer.WindowAt(time) : AudioWindow.None;
            var start = GC.GetAllocatedBytesForCurrentThread();
            localizer.Localize(frame, window, output);
            allocated += GC.GetAllocatedBytesForCurrentThread() - start;
            after?.Invoke(i, allocated);
            var (_, x, y) = output.Heatmap.Peak();
            seen.Add(new Seen(time.TotalSeconds, output.Presence, output.Why, x is > 0.18f and < 0.34f && y is > 0.3f and < 0.6f));
        }

        return seen;
    }

    private static long Play(AudioAnalyzer analyzer, AudioBlockPool blocks, long samples, TimeSpan until, Func<double, bool> sounds)
    {
        for (; samples / 16000.0 < until.TotalSeconds + 0.03; samples += 160)
        {
            var time = TimeSpan.FromSeconds(samples / 16000.0);
            using var block = blocks.Rent(160, 1, 16000).Stamp(samples, time, time);
            for (var i = 0; i < 160; i++)
            {
                var at = samples + i;
                block.Samples[i] = (float)Golden.Uniform(7, (uint)at, -0.3, 0.3) * (sounds(at / 16000.0) ? 1 : 0.0005f);
            }

            analyzer.Push(block);
        }

        return samples;
    }

    /// <summary>Beginnings of bursts, 0.35 to 0.8 s apart.</summary>
    private static double[] Bursts(uint seed)
    {
        var times = new double[40];
        for (var i = 1u; i < times.Length; i++)
        {
            times[i] = times[i - 1] + Golden.Uniform(seed, i, 0.35, 0.8);
        }

        return times;
    }

    private static bool Flares(double[] bursts, double time)
    {
        foreach (var begin in bursts)
        {
            if (time >= begin && time < begin + 0.14)
            {
                return true;
            }
        }

        return false;
    }

    private static void Paint(Span<byte> pixels, byte background, bool source, bool decoy)
    {
        pixels.Fill(background);
        Square(pixels, 64, 60, source ? (byte)170 : (byte)120);
        Square(pixels, 220, 100, decoy ? (byte)170 : (byte)120);
    }

    private static void Square(Span<byte> pixels, int left, int top, byte grey)
    {
        for (var y = top; y < top + 40; y++)
        {
            pixels.Slice((y * Width + left) * 3, 40 * 3).Fill(grey);
        }
    }

    private sealed record Seen(double Time, double Presence, string? Why, bool InSource);
}
