using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>Soft attention against its formula, and a package that asks for it.</summary>
public sealed class SoftAttentionHeadTests
{
    [Theory]
    [InlineData(1f)]
    [InlineData(0.07f)]
    public void Each_cell_is_the_softmax_of_the_positive_cosines(float temperature)
    {
        const int channels = 19, rows = 4, cols = 5, cells = rows * cols;
        var image = Numbers(1, channels * cells);
        var audio = Numbers(2, channels);
        var head = new SoftAttentionHead([1, channels, rows, cols], [1, channels], Settings(temperature));
        var scores = new float[cells];

        head.SetAudio(audio);
        head.Map(image, scores);

        var length = Math.Sqrt(audio.Sum(a => (double)a * a));
        var positive = Enumerable.Range(0, cells).Select(i =>
        {
            var v = Enumerable.Range(0, channels).Select(c => (double)image[c * cells + i]).ToArray();
            return Math.Max(0, v.Zip(audio).Sum(p => p.First * p.Second) / (Math.Sqrt(v.Sum(x => x * x)) * length));
        }).ToArray();
        Assert.True(positive.Count(p => p == 0) > 2, "some cells must oppose the sound for this to test anything");
        var sum = positive.Sum(p => Math.Exp(p / temperature));
        for (var i = 0; i < cells; i++)
        {
            Assert.Equal(Math.Exp(positive[i] / temperature) / sum, scores[i], 1e-6);
        }

        Assert.Equal(1, scores.Sum(s => (double)s), 1e-5);
        Assert.Equal(positive.Max(), head.Evidence!.Value, 1e-6);
    }

    [Fact]
    public void A_picture_that_opposes_the_sound_everywhere_is_lit_evenly_and_no_evidence()
    {
        var head = new SoftAttentionHead([1, 2, 2, 2], [1, 2], Settings(1e-6f));
        var scores = new float[4];

        head.SetAudio([1, 0]);
        head.Map([-1, -2, -3, -4, 1, 0, 0, 0], scores);

        Assert.Equal([0.25f, 0.25f, 0.25f, 0.25f], scores);
        Assert.Equal(0, head.Evidence);
    }

    [Fact]
    public void Scores_stay_within_the_documented_range()
    {
        var head = new SoftAttentionHead([1, 2, 20, 20], [1, 2], Settings(1));
        var scores = new float[400];
        var image = new float[800];
        Array.Fill(image, 1f, 400, 400);
        (image[7], image[407]) = (1, 0);

        head.SetAudio([1, 0]);
        head.Map(image, scores);
        Assert.Equal(Math.E / (Math.E + 399), scores[7], 1e-7);

        // All cells but one go with the sound.
        Array.Fill(image, 1f, 0, 400);
        Array.Fill(image, 0f, 400, 400);
        (image[7], image[407]) = (0, 1);
        head.Map(image, scores);
        Assert.Equal(1 / (1 + 399 * Math.E), scores[7], 1e-7);
    }

    [Fact]
    public void A_package_asks_for_it_and_presence_is_the_best_cosine()
    {
        using var tiny = new TinyPackage();
        using var scene = new Scene(TinyPackage.Audio);
        scene.Play(2, Scene.Noise);
        var cosine = Answer(tiny, scene, HeadKind.Cosine);

        var soft = Answer(tiny, scene, HeadKind.SoftAttention);

        Assert.Contains("\"id\": \"soft-attention\"", File.ReadAllText(tiny.ManifestPath), StringComparison.Ordinal);
        Assert.Equal(1, soft.Heatmap.Scores.ToArray().Sum(s => (double)s), 1e-5);
        Assert.Equal(cosine.Heatmap.Peak(), soft.Heatmap.Peak());
        Assert.InRange(cosine.Presence, 0.3, 0.999);
        Assert.Equal(cosine.Presence, soft.Presence, 1e-5);
    }

    private static LocalizerOutput Answer(TinyPackage tiny, Scene scene, HeadKind head)
    {
        var (time, output) = (TimeSpan.FromSeconds(1.9), new LocalizerOutput());
        var package = tiny.Write(m => m with { Head = new HeadSettings { Id = head }, ScoreRange = new ScoreRange(0, 1) });
        using var localizer = new TwoStreamLocalizer(package, new(new LogLines()) { Device = "cpu", Threads = 1 });
        localizer.Localize(scene.Frame(time), scene.Window(time), output);
        return output;
    }

    private static HeadSettings Settings(float temperature) =>
        new() { Id = HeadKind.SoftAttention, AudioPool = AudioPool.None, Temperature = temperature };

    private static float[] Numbers(uint seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Golden.Uniform(seed, (uint)i, -1, 1))];
}
