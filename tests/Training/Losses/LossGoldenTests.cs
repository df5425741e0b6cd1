using System.Text.Json;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Training.Losses;

/// <summary>The losses are those of the methods' own code (Golden/losses.json), within 4e-6 of the value, or absolutely below 1.</summary>
[Collection("libtorch")]
public sealed class LossGoldenTests : IDisposable
{
    private const double Tolerance = 4e-6;

    private static readonly JsonElement Expected = Golden.Load("losses");

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void SSLalign()
    {
        var (golden, v, a) = (Expected.GetProperty("sslalign"), Map(801), Vector(802));
        var (p, q) = (Vector(803), Vector(804));

        Near(golden.GetProperty("loc_logits"), LvsLoss.Masked(v, a) / SslAlignLoss.Temperature);
        Near(golden.GetProperty("loc_loss"), SslAlignLoss.Localisation(v, a));
        Near(golden.GetProperty("proj_logits"), p.matmul(q.t()) / SslAlignLoss.Temperature);
        Near(golden.GetProperty("proj_loss"), SslAlignLoss.Alignment(p, q));
    }

    [Fact]
    public void LVS()
    {
        var (golden, v, a) = (Expected.GetProperty("lvs"), Map(801), Vector(802));
        var row = Similarity.Own(v, a)[0, 0];

        Near(golden.GetProperty("logits"), LvsLoss.Logits(v, a));
        Near(golden.GetProperty("ce_target0"), LvsLoss.Of(v, a));
        Near(golden.GetProperty("pos0"), Similarity.Above(row, LvsLoss.Positive, LvsLoss.Softness));
        Near(golden.GetProperty("neg0"), 1 - Similarity.Above(row, LvsLoss.Negative, LvsLoss.Softness));
    }

    [Fact]
    public void EZ_VSL() => Near(Expected.GetProperty("ezvsl_max_xmil"), EzVslLoss.Of(Map(801), Vector(802)));

    [Fact]
    public void A_margin_of_zero_is_EZ_VSL() => Near(Expected.GetProperty("ezvsl_max_xmil"), MarginNceLoss.Of(Map(801), Vector(802), 0));

    [Fact]
    public void Neighbours_that_are_the_sample_itself_make_HardPos_LVS() =>
        Near(Expected.GetProperty("lvs").GetProperty("ce_target0"), HardPosLoss.Of(Map(801), Vector(802), Map(801), Vector(802)));

    [Fact]
    public void SLAVC()
    {
        var golden = Expected.GetProperty("slavc");
        SlavcLoss.Dual v = new(Map(801), Map(805)), a = new(Vector(802), Vector(806));
        var map = (Similarity.Own(v.Correspondence, a.Correspondence) + Similarity.Own(v.Localisation, a.Localisation)) / (2 * SlavcLoss.Temperature);

        Near(golden.GetProperty("loss"), SlavcLoss.Of(v, a, new(Map(807), Map(808)), new(Vector(809), Vector(810))));
        Near(golden.GetProperty("map0"), map[0]);
    }

    [Fact]
    public void FNAC()
    {
        var golden = Expected.GetProperty("fnac");
        var terms = FnacLoss.Of(Map(801), Vector(802));

        Near(golden.GetProperty("ce"), terms.Contrast);
        Near(golden.GetProperty("FNS1"), terms.AlikeSounds);
        Near(golden.GetProperty("FNS2"), terms.AlikePictures);
        Near(golden.GetProperty("TNE"), terms.TrueNegatives);
        Near(golden.GetProperty("weighted_100"), terms.Contrast + (terms.AlikeSounds + terms.AlikePictures + terms.TrueNegatives) * FnacLoss.Weight);
    }

    private static Tensor Map(uint seed) => Formula(seed, 4, 8, 7, 7);

    private static Tensor Vector(uint seed) => Formula(seed, 4, 8);

    private static Tensor Formula(uint seed, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (n, d) => n * d)];
        for (uint i = 0; i < values.Length; i++)
        {
            values[i] = (float)Golden.Uniform(seed, i, -1, 1);
        }

        return Similarity.Unit(tensor(values, shape));
    }

    private static void Near(JsonElement golden, Tensor actual)
    {
        double[] expected = golden.ValueKind == JsonValueKind.Number ? [golden.GetDouble()] : [.. Flat(golden)];
        var values = actual.to_type(ScalarType.Float64).flatten().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - values[i]) <= Tolerance * Math.Max(1, Math.Abs(expected[i])), $"number {i}: {values[i]:g9} is not {expected[i]:g9}");
        }
    }

    private static IEnumerable<double> Flat(JsonElement array) =>
        array.ValueKind == JsonValueKind.Number ? [array.GetDouble()] : array.EnumerateArray().SelectMany(Flat);
}
