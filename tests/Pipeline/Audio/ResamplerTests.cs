using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Pipeline.Audio;

/// <summary>Sample rate conversion keeps what both rates can carry, nothing else, and keeps it in its place.</summary>
public sealed class ResamplerTests
{
    public static TheoryData<int, int> Rates => new()
    {
        { 48000, 16000 }, { 44100, 16000 }, { 8000, 16000 }, { 22050, 16000 }, { 16000, 22050 }, { 96000, 16000 }, { 11025, 16000 },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    [InlineData(44101, 16000)] // no common factor: 16000 phases
    public void A_tone_in_the_pass_band_comes_out_as_the_same_tone_at_the_same_moment(int from, int to)
    {
        var resampler = new Resampler(from, to);
        foreach (var share in (double[])[0.01, 0.3, 0.6, 0.88])
        {
            var hz = share * Math.Min(from, to) / 2;
            resampler.Reset();
            var output = Run(resampler, Tone(hz, from, from / 2), from);
            double signal = 0, error = 0;
            for (var n = to / 10; n < to * 4 / 10; n++)
            {
                var expected = Math.Sin(2 * Math.PI * hz * n / to);
                signal += expected * expected;
                error += (output[n] - expected) * (output[n] - expected);
            }

            Assert.InRange(10 * Math.Log10(signal / error), 75, double.MaxValue);
        }
    }

    [Theory]
    [InlineData(48000, 16000, 8001)]
    [InlineData(48000, 16000, 12000)]
    [InlineData(48000, 16000, 23900)]
    [InlineData(44100, 16000, 8100)]
    [InlineData(44100, 16000, 15000)]
    [InlineData(22050, 16000, 10000)]
    public void What_the_lower_rate_cannot_carry_does_not_fold_back(int from, int to, double hz)
    {
        var output = Run(new Resampler(from, to), Tone(hz, from, from / 2), from);
        var power = output[(to / 10)..(to * 4 / 10)].Average(v => v * v) / 0.5;
        Assert.InRange(10 * Math.Log10(power), double.MinValue, -78);
    }

    [Theory]
    [InlineData(8000, 16000, 3000)]
    [InlineData(16000, 22050, 6000)]
    public void No_image_appears_above_the_lower_rates_band(int from, int to, double hz)
    {
        var output = Run(new Resampler(from, to), Tone(hz, from, from), from)[(to / 4)..(to * 3 / 4)];
        var image = from - hz;
        var (re, im) = (0.0, 0.0);
        for (var n = 0; n < output.Length; n++)
        {
            var hann = 1 - Math.Cos(2 * Math.PI * n / output.Length);
            re += output[n] * hann * Math.Cos(2 * Math.PI * image * n / to) * 2 / output.Length;
            im += output[n] * hann * Math.Sin(2 * Math.PI * image * n / to) * 2 / output.Length;
        }

        Assert.InRange(20 * Math.Log10(Math.Sqrt(re * re + im * im)), double.MinValue, -78);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void The_size_of_the_blocks_does_not_matter_not_even_to_the_last_bit(int from, int to)
    {
        var input = Tone(440, from, from / 3);
        var resampler = new Resampler(from, to);
        var whole = Run(resampler, input, input.Length);
        foreach (var size in (int[])[1, 7, 160, 441, 1023])
        {
            resampler.Reset();
            Assert.Equal(whole, Run(resampler, input, size));
        }
    }

    [Theory]
    [InlineData(48000, 16000)]
    [InlineData(44100, 16000)]
    [InlineData(8000, 16000)]
    public void A_second_gives_a_second_of_samples_once_the_look_ahead_is_there(int from, int to)
    {
        var resampler = new Resampler(from, to);
        var output = Run(resampler, [.. new double[from], .. new double[resampler.Lookahead]], 1000);
        Assert.InRange(output.Length, to, to + 1);
    }

    [Fact]
    public void A_constant_stays_that_constant_at_every_phase()
    {
        var ones = new double[44100];
        Array.Fill(ones, 1);
        Assert.All(Run(new Resampler(44100, 16000), ones, 512)[1000..], v => Assert.Equal(1, v, 1e-12));
    }

    [Fact]
    public void Equal_rates_pass_through_untouched_and_at_once()
    {
        var input = Tone(3999, 16000, 1000);
        Assert.Equal(input, Run(new Resampler(16000, 16000), input, 77));
    }

    [Fact]
    public void After_a_reset_the_next_sample_is_the_first()
    {
        var resampler = new Resampler(44100, 16000);
        var input = Tone(1000, 44100, 5000);
        var first = Run(resampler, input, 300);
        resampler.Reset();
        Assert.Equal(first, Run(resampler, input, 4000));
    }

    private static double[] Tone(double hz, int rate, int samples) =>
        [.. Enumerable.Range(0, samples).Select(n => Math.Sin(2 * Math.PI * hz * n / rate))];

    private static double[] Run(Resampler resampler, double[] input, int size)
    {
        var result = new List<double>();
        var output = new double[resampler.MaxOutput(size)];
        for (var at = 0; at < input.Length; at += size)
        {
            var count = resampler.Process(input.AsSpan(at, Math.Min(size, input.Length - at)), output);
            result.AddRange(output.AsSpan(0, count));
        }

        return [.. result];
    }
}
