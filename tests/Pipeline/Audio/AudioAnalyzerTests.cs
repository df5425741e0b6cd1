using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline.Audio;

/// <summary>From a source's blocks to the window of features that belongs to a moment.</summary>
public sealed class AudioAnalyzerTests
{
    private readonly Counters _counters = new();
    private readonly AudioBlockPool _pool = new();

    [Theory]
    [InlineData(1)]
    [InlineData(441)]
    [InlineData(1024)]
    [InlineData(48000)]
    public void A_stream_gives_the_columns_of_the_whole_clip_whatever_the_size_of_its_blocks(int size)
    {
        var clip = Noise(16000 * 4);
        var expected = AudioFrontEnds.SslAlign.Analyze(clip.AsSpan(0, 48000));
        var analyzer = new AudioAnalyzer(AudioFrontEnds.SslAlign, _counters);
        Feed(analyzer, clip, 16000, size: size);

        var window = analyzer.WindowAt(Seconds((298 * 159 + 512) / 16000.0));
        var tensor = new float[257 * 299];
        window.CopyTo(tensor);

        Assert.Equal(expected.Values, tensor);
        Assert.Equal(TimeSpan.Zero, window.From);
        Assert.Equal(Seconds((298 * 159 + 512) / 16000.0), window.To);
    }

    [Fact]
    public void A_resampled_stream_is_the_same_whatever_the_size_of_its_blocks()
    {
        var clip = Noise(44100 * 2);
        float[] Tensor(int size)
        {
            var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
            Feed(analyzer, clip, 44100, size: size);
            analyzer.End();
            var tensor = new float[40 * 100];
            analyzer.WindowAt(Seconds(2)).CopyTo(tensor);
            return tensor;
        }

        Assert.Equal(Tensor(88200), Tensor(1));
        Assert.Equal(Tensor(88200), Tensor(1000));
    }

    [Fact]
    public void A_window_ends_at_or_before_its_time_and_never_more_than_a_hop_before()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, Noise(32000), 16000, from: Seconds(10));
        for (var t = 10.025; t <= 12; t += 1 / 29.97)
        {
            var window = analyzer.WindowAt(Seconds(t));
            Assert.InRange((Seconds(t) - window.To).TotalMilliseconds, -0.001, 10);
            Assert.Equal(window.To, window.From + Seconds((0.025 + 0.01 * (Math.Min(window.EndColumn, 100) - 1))));
        }
    }

    [Fact]
    public void A_window_does_not_change_any_more_once_its_time_is_covered()
    {
        var clip = Noise(44100 * 3);
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        var early = new Dictionary<TimeSpan, (long End, TimeSpan To, double? Dbfs)>();
        var time = Seconds(0.03);
        Feed(analyzer, clip, 44100, size: 300, after: () =>
        {
            for (; time <= analyzer.CoveredUntil; time += Seconds(0.0033))
            {
                var window = analyzer.WindowAt(time);
                early[time] = (window.EndColumn, window.To, window.Dbfs);
            }
        });
        Assert.InRange(early.Count, 880, 910);
        foreach (var (at, expected) in early)
        {
            var window = analyzer.WindowAt(at);
            Assert.Equal(expected, (window.EndColumn, window.To, window.Dbfs));
        }
    }

    [Fact]
    public void Before_the_first_column_and_long_after_the_last_one_and_beyond_the_history_there_is_none()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters, history: Seconds(2));
        Assert.False(analyzer.WindowAt(TimeSpan.Zero).Exists);
        Feed(analyzer, Noise(16000 * 10), 16000, from: Seconds(5));

        Assert.False(analyzer.WindowAt(Seconds(5.024)).Exists);
        Assert.False(analyzer.WindowAt(Seconds(12)).Exists);
        Assert.True(analyzer.WindowAt(Seconds(13.1)).Exists);
        Assert.True(analyzer.WindowAt(Seconds(15)).Exists);
        Assert.True(analyzer.WindowAt(Seconds(15.9)).Exists);
        Assert.False(analyzer.WindowAt(Seconds(16.01)).Exists);
    }

    [Fact]
    public void A_young_stream_repeats_what_it_has_until_the_tensor_is_full()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, Noise(400 + 2 * 160), 16000);
        var tensor = new float[40 * 100];
        analyzer.WindowAt(Seconds(1)).CopyTo(tensor);
        for (var i = 0; i < tensor.Length; i++)
        {
            Assert.Equal(analyzer.Ring.Column(i % 100 % 3)[i / 100], tensor[i]);
        }
    }

    [Theory]
    [InlineData(16000)]
    [InlineData(44100)]
    [InlineData(48000)]
    public void A_full_scale_sine_has_minus_3_dBFS(int rate)
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.SslAlign, _counters);
        Feed(analyzer, Tone(1000, rate, rate, 1), rate, channels: 2);
        Assert.Equal(-3.01, analyzer.WindowAt(Seconds(0.9)).Dbfs!.Value, 0.02);
    }

    [Fact]
    public void The_level_is_that_of_the_newest_100_ms()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, [.. Tone(1000, 16000, 16000, 1), .. Tone(1000, 16000, 1600, 0.1), .. new double[2400]], 16000);
        Assert.Equal(-3.01, analyzer.WindowAt(Seconds(1.000)).Dbfs!.Value, 0.25);
        Assert.Equal(-23.01, analyzer.WindowAt(Seconds(1.105)).Dbfs!.Value, 0.25);
        Assert.Null(analyzer.WindowAt(Seconds(1.25)).Dbfs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-4)]
    [InlineData(1e-3)]
    public void Silence_has_no_level(double amplitude)
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.SslAlign, _counters);
        Feed(analyzer, Tone(500, 16000, 16000, amplitude), 16000);
        var window = analyzer.WindowAt(Seconds(1));
        Assert.True(window.Exists);
        Assert.Null(window.Dbfs);
    }

    [Fact]
    public void The_floor_of_silence_is_a_setting()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.SslAlign, _counters, silenceFloor: -70);
        Feed(analyzer, Tone(500, 16000, 16000, 1e-3), 16000);
        Assert.Equal(-63.01, analyzer.WindowAt(Seconds(1)).Dbfs!.Value, 0.02);
    }

    [Fact]
    public void Channels_are_mixed_by_their_mean()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        using var block = _pool.Rent(16000, 2, 16000).Stamp(0, TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 0; i < 16000; i++)
        {
            (block.Samples[2 * i], block.Samples[2 * i + 1]) = (0.5f, i % 2 == 0 ? 0.5f : -0.5f);
        }

        analyzer.Push(block);
        Assert.Equal(20 * Math.Log10(Math.Sqrt(0.125)), analyzer.WindowAt(Seconds(1)).Dbfs!.Value, 1e-6);
    }

    [Fact]
    public void A_short_loss_is_filled_with_silence_and_counted()
    {
        var clip = Tone(1000, 16000, 16000, 0.5);
        var holed = clip.ToArray();
        Array.Clear(holed, 6400, 3200);
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, clip[..6400], 16000);
        Feed(analyzer, clip[9600..], 16000, from: Seconds(0.6), position: 9600);

        Assert.Equal(AudioFrontEnds.Synchrony.Analyze(holed).Values, Columns(analyzer, 98));
        Assert.Null(analyzer.WindowAt(Seconds(0.6)).Dbfs);
        Assert.Equal(-9.03, analyzer.WindowAt(Seconds(0.75)).Dbfs!.Value, 0.25);
        Counted(gaps: 1, lost: 3200, resets: 0);
    }

    [Fact]
    public void A_long_loss_is_a_cut_after_which_windows_grow_anew()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, Noise(16000), 16000);
        var before = analyzer.Ring.End;
        Feed(analyzer, Noise(8000), 16000, from: Seconds(3), position: 48000);

        Assert.False(analyzer.WindowAt(Seconds(0.9)).Exists);
        Assert.False(analyzer.WindowAt(Seconds(3.02)).Exists);
        var window = analyzer.WindowAt(Seconds(3.5));
        Assert.Equal((Seconds(3), Seconds(3.495)), (window.From, window.To));
        Assert.Equal(before + 48, window.EndColumn);
        Counted(gaps: 1, lost: 32000, resets: 1);
    }

    [Fact]
    public void Stamps_that_leap_by_more_than_70_ms_are_believed()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, Noise(16000), 16000);
        Feed(analyzer, Noise(16000), 16000, from: Seconds(1.08), position: 16000);
        Assert.Equal(Seconds(1.08), analyzer.WindowAt(Seconds(2)).From);
        Assert.Equal(Seconds(2.08), analyzer.CoveredUntil);
        Counted(gaps: 0, lost: 0, resets: 1);
    }

    [Theory]
    [InlineData(44100, 1)]
    [InlineData(16000, 2)]
    public void Another_format_is_a_cut(int rate, int channels)
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, Noise(16000), 16000);
        Feed(analyzer, Noise(rate), rate, from: Seconds(1), position: 16000, channels: channels);
        Assert.Equal(Seconds(1), analyzer.WindowAt(Seconds(1.5)).From);
        Counted(gaps: 0, lost: 0, resets: 1);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public void A_drifting_sample_clock_is_followed_within_a_millisecond_and_without_a_cut(int ppm)
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        var (last, worst) = (TimeSpan.MinValue, 0.0);
        for (var block = 0; block < 60 * 50; block++)
        {
            // Blocks of 20 ms by the sample clock, their stamps shaken by up to 5 ms.
            var (position, jitter) = (block * 320L, Golden.Uniform(9, (uint)block, -0.005, 0.005));
            var true_ = 100 + position / 16000.0 * (1 + ppm * 1e-6);
            using var pushed = _pool.Rent(320, 1, 16000).Stamp(position, Seconds(true_ + jitter), default);
            pushed.Samples.Fill(0.1f);
            analyzer.Push(pushed);
            Assert.True(analyzer.CoveredUntil >= last);
            last = analyzer.CoveredUntil;
            if (block > 500)
            {
                var end = 100 + (position + 320) / 16000.0 * (1 + ppm * 1e-6);
                worst = Math.Max(worst, Math.Abs((last - Seconds(end)).TotalMilliseconds));
            }
        }

        Assert.InRange(worst, 0, 1.5);
        Assert.InRange(Math.Abs((analyzer.WindowAt(last).To - last).TotalMilliseconds), 0, 10);
        Counted(gaps: 0, lost: 0, resets: 0);
    }

    [Fact]
    public void A_notice_frees_whoever_waits_but_brings_no_sound()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        using var early = _pool.Rent(0, 1, 16000).Stamp(0, Seconds(1), default);
        analyzer.Push(early);
        Assert.Equal(Seconds(1), analyzer.CoveredUntil);
        Assert.False(analyzer.WindowAt(Seconds(1)).Exists);

        Feed(analyzer, Noise(16000), 16000, from: Seconds(1));
        using var late = _pool.Rent(0, 1, 16000).Stamp(0, Seconds(2.5), default);
        analyzer.Push(late);
        Assert.Equal(Seconds(2.5), analyzer.CoveredUntil);
        Assert.Equal(Seconds(1.995), analyzer.WindowAt(Seconds(2.5)).To);
        Counted(gaps: 0, lost: 0, resets: 0);
    }

    [Fact]
    public void The_end_frees_whoever_waits_and_gives_the_last_samples()
    {
        var analyzer = new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters);
        Feed(analyzer, Tone(1000, 48000, 48000, 1), 48000);
        Assert.True(analyzer.CoveredUntil < Seconds(1));
        analyzer.End();
        Assert.Equal(TimeSpan.MaxValue, analyzer.CoveredUntil);
        Assert.Equal(Seconds(0.995), analyzer.WindowAt(Seconds(1)).To);
        new AudioAnalyzer(AudioFrontEnds.Synchrony, _counters).End();
    }

    [Theory]
    [InlineData("sslalign", 48000, 480)]
    [InlineData("synchrony", 44100, 441)]
    [InlineData("ssltie", 16000, 160)]
    public void Blocks_and_windows_allocate_nothing(string id, int rate, int size)
    {
        var frontEnd = AudioFrontEnds.ById(id);
        var analyzer = new AudioAnalyzer(frontEnd, _counters);
        var tensor = new float[frontEnd.Rows * frontEnd.Columns];
        var position = 0L;
        var heard = 0.0;
        void Step()
        {
            using var block = _pool.Rent(size, 2, rate).Stamp(position, Seconds((double)position / rate), default);
            block.Samples.Fill(0.25f);
            position += size;
            analyzer.Push(block);
            var window = analyzer.WindowAt(analyzer.CoveredUntil);
            if (window.Exists)
            {
                window.CopyTo(tensor);
                heard += tensor[0];
            }
        }

        Assert.Equal(0, Allocations.LeastOfRounds(_ => Step()));
        Assert.NotEqual(0, heard);
    }

    private void Feed(
        AudioAnalyzer analyzer,
        double[] mono,
        int rate,
        TimeSpan from = default,
        long position = 0,
        int channels = 1,
        int size = 480,
        Action? after = null)
    {
        for (var at = 0; at < mono.Length; at += size)
        {
            var length = Math.Min(size, mono.Length - at);
            using var block = _pool.Rent(length, channels, rate).Stamp(position + at, from + Seconds((double)at / rate), default);
            for (var i = 0; i < length * channels; i++)
            {
                block.Samples[i] = (float)mono[at + i / channels];
            }

            analyzer.Push(block);
            after?.Invoke();
        }
    }

    private void Counted(long gaps, long lost, long resets) => Assert.Equal(
        (gaps, lost, resets),
        (_counters["audio.gaps"].Value, _counters["audio.lost_samples"].Value, _counters["audio.resets"].Value));

    private static float[] Columns(AudioAnalyzer analyzer, int count)
    {
        var values = new float[analyzer.FrontEnd.Rows * count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = analyzer.Ring.Column(i % count)[i / count];
        }

        return values;
    }

    // Samples as a block holds them, so that whole clips and streams can be compared bit by bit.
    private static double[] Noise(int samples) =>
        [.. Enumerable.Range(0, samples).Select(n => (double)(float)Golden.Uniform(5, (uint)n, -0.5, 0.5))];

    private static double[] Tone(double hz, int rate, int samples, double amplitude) =>
        [.. Enumerable.Range(0, samples).Select(n => (double)(float)(amplitude * Math.Sin(2 * Math.PI * hz * n / rate)))];

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
}
