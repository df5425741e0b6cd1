using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>The head against the formula written out in double precision.</summary>
public sealed class CosineHeadTests
{
    [Theory]
    [InlineData(AudioPool.Max, 1f)]
    [InlineData(AudioPool.Mean, 0.03f)]
    public void Each_cell_is_the_cosine_between_its_channels_and_the_pooled_sound(AudioPool pool, float temperature)
    {
        const int channels = 37, rows = 5, cols = 7, cells = rows * cols, heard = 6;
        var image = Numbers(1, channels * cells);
        var audio = Numbers(2, channels * heard);
        var head = new CosineHead([1, channels, rows, cols], [1, channels, 2, 3], Settings(pool, temperature));
        var scores = new float[cells];

        head.SetAudio(audio);
        head.Map(image, scores);

        var pooled = Enumerable.Range(0, channels).Select(c => audio.Skip(c * heard).Take(heard))
            .Select(a => pool == AudioPool.Max ? a.Max() : a.Average(v => (double)v)).ToArray();
        var length = Math.Sqrt(pooled.Sum(a => a * a));
        for (var i = 0; i < cells; i++)
        {
            var v = Enumerable.Range(0, channels).Select(c => (double)image[c * cells + i]).ToArray();
            var cosine = v.Zip(pooled).Sum(p => p.First * p.Second) / (Math.Sqrt(v.Sum(x => x * x)) * length);
            Assert.Equal(cosine / temperature, scores[i], 1e-6 / temperature);
        }
    }

    [Fact]
    public void A_vector_needs_no_pooling()
    {
        var head = new CosineHead([1, 2, 1, 1], [1, 2], Settings(AudioPool.None, 1));
        var scores = new float[1];

        head.SetAudio([3, 4]);
        head.Map([4, 3], scores);

        Assert.Equal(24f / 25, scores[0], 1e-6);
    }

    [Fact]
    public void A_dead_cell_and_a_dead_sound_score_zero_and_not_NaN()
    {
        var head = new CosineHead([1, 2, 1, 2], [1, 2], Settings(AudioPool.None, 1));
        var scores = new float[2];

        head.SetAudio([3, 4]);
        head.Map([0, 3, 0, 4], scores);
        Assert.Equal([0, 1], scores);

        head.SetAudio([0, 0]);
        head.Map([0, 3, 0, 4], scores);
        Assert.Equal([0, 0], scores);
    }

    [Theory]
    [InlineData(new long[] { 1, 8, 4, 4 }, new long[] { 1, 9 }, "the cosine head joins")]
    [InlineData(new long[] { 1, 8 }, new long[] { 1, 8 }, "the cosine head joins")]
    [InlineData(new long[] { 1, 8, 4, 4 }, new long[] { 1, 8, 2, 2 }, "audio_pool = none")]
    public void Embeddings_that_do_not_belong_together_are_refused(long[] image, long[] audio, string expected)
    {
        var e = Assert.Throws<InferenceException>(() => new CosineHead(image, audio, Settings(AudioPool.None, 1)));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private static HeadSettings Settings(AudioPool pool, float temperature) =>
        new() { Id = HeadKind.Cosine, AudioPool = pool, Temperature = temperature };

    private static float[] Numbers(uint seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Golden.Uniform(seed, (uint)i, -1, 2))];
}
