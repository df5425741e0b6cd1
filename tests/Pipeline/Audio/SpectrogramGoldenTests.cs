using System.Text.Json;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline.Audio;

/// <summary>Our features are those that the published methods were trained on: numbers made with their own code.</summary>
public sealed class SpectrogramGoldenTests
{
    private static readonly JsonElement Expected = Golden.Load("audio");

    [Fact]
    public void The_test_signal_is_the_one_that_the_numbers_were_made_from()
    {
        var expected = Expected.GetProperty("first200").Doubles();
        var actual = Chirp(200);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-11);
        }
    }

    [Fact]
    public void The_window_is_the_periodic_Tukey()
    {
        var window = new ColumnAnalyzer(AudioFrontEnds.SslAlign).WindowPoints.ToArray();
        Assert.Equal(Expected.GetProperty("window_sum").GetDouble(), window.Sum(), 1e-9);
        Assert.Equal(Expected.GetProperty("window_sumsq").GetDouble(), window.Sum(w => w * w), 1e-9);
        Near(Expected.GetProperty("window_first70").Doubles(), window[..70], 1e-12);
        Near(Expected.GetProperty("window_last3").Doubles(), window[^3..], 1e-12);
    }

    [Fact]
    public void Power_is_scipys_density_to_the_last_bits()
    {
        var expected = Expected.GetProperty("results").GetProperty("sslalign_3s_noverlap353_psd");
        var (rows, columns) = Shape(expected);
        var samples = Chirp(48000);
        var analyzer = new ColumnAnalyzer(AudioFrontEnds.SslAlign);
        var power = new double[rows, columns];
        for (var column = 0; column < columns; column++)
        {
            var bands = analyzer.Bands(samples.AsSpan(column * 159, 512));
            for (var row = 0; row < rows; row++)
            {
                power[row, column] = bands[row];
            }
        }

        foreach (var probe in expected.GetProperty("probes").EnumerateArray())
        {
            Assert.Equal(probe[2].GetDouble(), power[probe[0].GetInt32(), probe[1].GetInt32()], 1e-17);
        }

        var all = power.Cast<double>().ToArray();
        Assert.Equal(expected.GetProperty("sum").GetDouble(), all.Sum(), 1e-13);
        Assert.Equal(expected.GetProperty("max").GetDouble(), all.Max(), 1e-16);
        Assert.Equal(expected.GetProperty("min").GetDouble(), all.Min(), 1e-17);
    }

    public static TheoryData<string, string, int, int, int, double> Variants => new()
    {
        // result, front end, samples of the file (tiled to 10 s), first sample, samples; tolerance (the last place of a float).
        { "sslalign_3s_noverlap353_final", "sslalign", 48000, 0, 48000, 7e-8 },
        { "ezvsl_3s_noverlap274_final", "ezvsl", 48000, 0, 48000, 7e-8 },
        { "lvs_10s_noverlap274_final", "lvs", 160000, 0, 160000, 7e-8 },
        { "sslalign_10s_file_centre3s_final", "sslalign", 160000, 56000, 48000, 7e-8 },
        { "sslalign_0p7s_file_tiled_final", "sslalign", 11200, 56000, 48000, 7e-8 },
        { "silence_3s_final", "sslalign", 0, 0, 48000, 7e-8 },
        // 200 columns from number 236 of the 10 s are those of the samples from 236 hops on.
        { "ssl_repo_ez_10s_centercrop200_final", "ezvsl", 160000, 236 * 238, 199 * 238 + 512, 7e-8 },
        // torchaudio computes in single precision.
        { "ssltie_10s_mel_db", "ssltie", 160000, 0, 160000, 1e-3 },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Features_are_the_methods_own(string result, string frontEnd, int fileSamples, int first, int count, double tolerance)
    {
        var expected = Expected.GetProperty("results").GetProperty(result);
        var file = Chirp(fileSamples);
        var clip = Enumerable.Range(first, count).Select(i => fileSamples == 0 ? 0 : file[i % fileSamples]).ToArray();

        var actual = AudioFrontEnds.ById(frontEnd).Analyze(clip);

        Assert.Equal(Shape(expected), (actual.Rows, actual.Columns));
        Assert.Equal((AudioFrontEnds.ById(frontEnd).Rows, AudioFrontEnds.ById(frontEnd).Columns), (actual.Rows, actual.Columns));
        double At(int row, int column) => actual.Values[row * actual.Columns + column];
        foreach (var probe in expected.GetProperty("probes").EnumerateArray())
        {
            Assert.Equal(probe[2].GetDouble(), At(probe[0].GetInt32(), probe[1].GetInt32()), tolerance);
        }

        var corner = expected.GetProperty("corner10");
        for (var row = 0; row < 10; row++)
        {
            Near(corner[row].Doubles(), [.. Enumerable.Range(0, 10).Select(column => At(row, column))], tolerance);
        }

        var means = expected.GetProperty("row_mean_every32").Doubles();
        Near(means, [.. Enumerable.Range(0, means.Length).Select(i => Row(32 * i).Average())], tolerance);
        var peaks = expected.GetProperty("argmax_bin_every20").Doubles();
        Near(peaks, [.. Enumerable.Range(0, peaks.Length).Select(i => (double)ArgMax(20 * i))], 0);
        Assert.Equal(expected.GetProperty("mean").GetDouble(), actual.Values.Average(v => (double)v), tolerance);
        Assert.Equal(expected.GetProperty("min").GetDouble(), actual.Values.Min(), tolerance);
        Assert.Equal(expected.GetProperty("max").GetDouble(), actual.Values.Max(), tolerance);
        Assert.Equal(expected.GetProperty("std").GetDouble(), Deviation(actual.Values), tolerance);

        IEnumerable<double> Row(int row) => Enumerable.Range(0, actual.Columns).Select(column => At(row, column));
        int ArgMax(int column) => Enumerable.Range(0, actual.Rows).MaxBy(row => At(row, column));
    }

    [Fact]
    public void A_clip_that_is_too_short_for_one_column_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => AudioFrontEnds.SslAlign.Analyze(new double[511]));
        Assert.Contains("511 samples", error.Message, StringComparison.Ordinal);
    }

    private static double[] Chirp(int samples) =>
        [.. Enumerable.Range(0, samples).Select(n =>
        {
            var t = n / 16000.0;
            return 0.5 * Math.Sin(2 * Math.PI * (200 * t + 600 * t * t)) + 0.05 * Golden.Uniform(31, (uint)n, -1, 1);
        })];

    private static (int Rows, int Columns) Shape(JsonElement result) =>
        (result.GetProperty("shape")[0].GetInt32(), result.GetProperty("shape")[1].GetInt32());

    private static double Deviation(float[] values)
    {
        var mean = values.Average(v => (double)v);
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }

    private static void Near(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }
}
