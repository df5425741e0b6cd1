using System.Numerics;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline.Audio;

/// <summary>The parts that every front end is made of.</summary>
public sealed class AudioFrontEndTests
{
    [Fact]
    public void A_front_end_is_found_by_its_identifier_and_a_wrong_one_lists_those_there_are()
    {
        Assert.All(AudioFrontEnds.All, f => Assert.Same(f, AudioFrontEnds.ById(f.Id)));
        Assert.Distinct(AudioFrontEnds.All.Select(f => f.Id));
        var error = Assert.Throws<ArgumentException>(() => AudioFrontEnds.ById("sslalgin"));
        Assert.All(AudioFrontEnds.All, f => Assert.Contains(f.Id, error.Message, StringComparison.Ordinal));
        Assert.Contains("'sslalgin'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Front_ends_of_equal_values_are_equal() =>
        Assert.Equal(AudioFrontEnds.SslTie, AudioFrontEnds.SslTie with { Mel = AudioFrontEnds.SslTie.Mel! with { Bands = 257 } });

    [Theory]
    [InlineData("sslalign", 257, 299)]
    [InlineData("ezvsl", 257, 200)]
    [InlineData("lvs", 257, 671)]
    [InlineData("htf", 257, 276)]
    [InlineData("ssltie", 257, 670)]
    [InlineData("synchrony", 40, 100)]
    [InlineData("avs-logmel64", 64, 96)]
    public void Each_front_end_has_the_shape_that_its_method_reads(string id, int rows, int columns)
    {
        var frontEnd = AudioFrontEnds.ById(id);
        Assert.Equal((rows, columns), (frontEnd.Rows, frontEnd.Columns));
        Assert.Equal(rows, new ColumnAnalyzer(frontEnd).Bands(new double[frontEnd.WindowLength]).Length);
    }

    [Fact]
    public void Numbers_that_do_not_fit_together_are_refused_by_name()
    {
        var wrong = AudioFrontEnds.SslAlign with { Id = "mine", WindowLength = 600 };
        var error = Assert.Throws<ArgumentException>(() => new ColumnAnalyzer(wrong));
        Assert.Contains("'mine': WindowLength 600", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ColumnAnalyzer(wrong with { WindowLength = 512, FftSize = 600 }));
        Assert.Throws<ArgumentException>(() => new ColumnAnalyzer(wrong with { WindowLength = 512, Hop = 0 }));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(512)]
    [InlineData(2048)]
    public void The_FFT_is_the_Fourier_transform(int length)
    {
        var samples = Enumerable.Range(0, length).Select(i => Golden.Uniform(1, (uint)i, -1, 1)).ToArray();
        var fft = new Fft(length);
        var actual = new Complex[fft.Bins];
        fft.Forward(samples, actual);
        fft.Forward(samples, actual);
        for (var k = 0; k <= length / 2; k++)
        {
            var expected = Complex.Zero;
            for (var n = 0; n < length; n++)
            {
                expected += samples[n] * Complex.Exp(new Complex(0, -2 * Math.PI * ((long)k * n % length) / length));
            }

            Assert.Equal(0, (expected - actual[k]).Magnitude, 1e-15 * length);
        }
    }

    [Fact]
    public void A_waveform_is_the_samples_themselves()
    {
        var frontEnd = AudioFrontEnds.Sspl with { Columns = 3 };
        double[] samples = [.. Enumerable.Range(0, 500).Select(i => i / 1000.0)];

        var features = frontEnd.Analyze(samples);

        Assert.Equal((160, 3, 3.0), (features.Rows, features.Columns, AudioFrontEnds.Sspl.WindowSeconds));
        Assert.Equal(Enumerable.Range(0, 480).Select(i => (float)samples[i % 3 * 160 + i / 3]), features.Values);
        var e = Assert.Throws<ArgumentException>(() => new ColumnAnalyzer(frontEnd with { Hop = 80 }));
        Assert.Contains("Hop 80 and WindowLength 160 of a waveform must be the same", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_FFT_of_another_length_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Fft(400));

    [Theory]
    [InlineData(MelScale.Htk, 1000, 999.985537)] // 2595 log10(1 + 1000 / 700)
    [InlineData(MelScale.Slaney, 6400, 42)]
    public void A_band_peaks_where_its_scale_says(MelScale scale, double topHz, double mel)
    {
        // Two bands: the first one's top lies at a third of the way from 0 to the upper edge, in mel.
        var high = scale == MelScale.Htk ? 700 * (Math.Pow(10, 3 * mel / 2595) - 1) : 1000 * Math.Pow(6.4, (3 * mel - 15) / 27);
        const int bins = 2001;
        var rate = (int)Math.Ceiling(2 * high);
        var bank = new MelFilterBank(new MelBank(2, 0, high, scale, AreaNormalised: false), rate, bins);
        var best = (Bin: 0, Weight: 0.0);
        var (spectrum, bands) = (new double[bins], new double[2]);
        for (var bin = 0; bin < bins / 2; bin++)
        {
            spectrum[bin] = 1;
            bank.Apply(spectrum, bands);
            spectrum[bin] = 0;
            best = bands[0] > best.Weight ? (bin, bands[0]) : best;
        }

        Assert.Equal(topHz, best.Bin * rate / 2.0 / (bins - 1), rate / 2.0 / bins * 2);
        Assert.Equal(1, best.Weight, 0.02);
    }

    [Fact]
    public void Area_normalised_bands_answer_a_flat_spectrum_alike()
    {
        const int bins = 20001;
        var bank = new MelFilterBank(new MelBank(20, 100, 8000, MelScale.Slaney, AreaNormalised: true), 16000, bins);
        var flat = new double[bins];
        Array.Fill(flat, 8000.0 / (bins - 1));
        var bands = new double[20];
        bank.Apply(flat, bands);
        Assert.All(bands, b => Assert.Equal(1, b, 1e-3));
    }

    [Fact]
    public void Logmel64_is_VGGish()
    {
        var frontEnd = AudioFrontEnds.AvsLogMel64;
        var samples = Enumerable.Range(0, 400)
            .Select(n => 0.3 * Math.Sin(2 * Math.PI * 440 * n / 16000) + Golden.Uniform(3, (uint)n, -0.01, 0.01)).ToArray();
        var column = new float[64];
        new ColumnAnalyzer(frontEnd).Column(samples, column);

        // Written out from VGGish's published recipe: magnitude, flanks straight in mel = 1127 ln(1 + f / 700), ln(x + 0.01).
        var magnitude = Enumerable.Range(0, 257).Select(k => samples.Select((x, n) =>
            x * (0.5 - 0.5 * Math.Cos(2 * Math.PI * n / 400)) * Complex.Exp(new Complex(0, -2 * Math.PI * k * n / 512)))
            .Aggregate(Complex.Zero, (a, b) => a + b).Magnitude).ToArray();
        double Mel(double hz) => 1127 * Math.Log(1 + hz / 700);
        var step = (Mel(7500) - Mel(125)) / 65;
        for (var band = 0; band < 64; band++)
        {
            var top = Mel(125) + (band + 1) * step;
            var sum = magnitude.Select((m, k) => k == 0 ? 0 : m * Math.Max(0, 1 - Math.Abs(Mel(k * 31.25) - top) / step)).Sum();
            Assert.Equal(Math.Log(sum + 0.01), column[band], 1e-6);
        }
    }
}
