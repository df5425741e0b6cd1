using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Losses;
using TorchSharp;
using static RealtimeSsl.Training.Losses.Similarity;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Training.Losses;

/// <summary>What the optimizer follows is the slope of the loss: every loss's gradient against differences of the loss, in 64 bits.</summary>
[Collection("libtorch")]
public sealed class LossGradientTests : IDisposable
{
    private const double Step = 1e-6, Tolerance = 2e-6;
    private const int N = 3, C = 4;

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void LVS() => Check(x => LvsLoss.Of(Unit(x[0]), Unit(x[1])), Map(1), Vector(2));

    [Fact]
    public void SSLalign_localisation() => Check(x => SslAlignLoss.Localisation(Unit(x[0]), Unit(x[1])), Map(1), Vector(2));

    [Fact]
    public void SSLalign_alignment() => Check(x => SslAlignLoss.Alignment(Unit(x[0]), Unit(x[1])), Vector(1), Vector(2));

    [Fact]
    public void EZ_VSL() => Check(x => EzVslLoss.Of(Unit(x[0]), Unit(x[1])), Map(1), Vector(2));

    [Fact]
    public void MarginNCE() => Check(x => MarginNceLoss.Of(Unit(x[0]), Unit(x[1]), -0.2), Map(1), Vector(2));

    [Fact]
    public void HardPos() => Check(x => HardPosLoss.Of(Unit(x[0]), Unit(x[1]), Unit(x[2]), Unit(x[3])), Map(1), Vector(2), Map(3), Vector(4));

    [Fact]
    public void SLAVC() => Check(
        x => SlavcLoss.Of(new(Unit(x[0]), Unit(x[1])), new(Unit(x[2]), Unit(x[3])), new(Unit(Map(5)), Unit(Map(6))), new(Unit(Vector(7)), Unit(Vector(8)))),
        Map(1), Map(2), Vector(3), Vector(4));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void FNAC(int term) => Check(
        x =>
        {
            var terms = FnacLoss.Of(Unit(x[0]), Unit(x[1]));
            return term switch { 0 => terms.Contrast, 1 => terms.AlikeSounds, 2 => terms.AlikePictures, _ => terms.TrueNegatives };
        },
        Map(1), Vector(2));

    [Fact]
    public void AVOL() => Check(x => CorrespondenceLoss.Of(Unit(x[0]), Unit(x[1]), x[2], x[3]), Map(1), Vector(2), Numbers(3, 1) + 5, Numbers(4, 1));

    [Fact]
    public void SPM() => Check(
        x => CorrespondenceLoss.Of(Unit(x[0]), Unit(x[1]), tensor(1 / 0.03), tensor(-0.65 / 0.03)), Map(1), Vector(2));

    [Fact]
    public void SSL_TIE()
    {
        var warps = tensor(new[] { 0.9, 0.1, 0.05, -0.1, 0.9, 0.1 }).view(1, 2, 3).repeat(N, 1, 1);
        Check(x => EquivarianceLoss.Of(x[0], x[1], warps, 8, 12), Numbers(1, N, 2, 3), Numbers(2, N, 2, 3));
        Check(x => EquivarianceLoss.Of(x[0], x[1], warps, 8, 12), Numbers(1, N, 2, 3), Numbers(2, N, 1, 2));
    }

    [Fact]
    public void SSPL()
    {
        var (z1, z2) = (Vector(5), Vector(6).requires_grad_());
        Check(x => SimSiamLoss.Of(x[0], x[1], z1, z2), Vector(1), Vector(2));
        Assert.Null(z2.grad);
        Check(x => SimSiamLoss.Attended(x[0], Unit(x[1])).square().sum(), Map(1), Vector(2));
    }

    [Fact]
    public void Attention()
    {
        var truth = stack([ones(4, 6, dtype: float64).tril(), full(4, 6, -1, dtype: float64), ones(4, 6, dtype: float64).triu()]);
        Check(x => AttentionLoss.Triplet(x[0], x[1], x[2]), Vector(1), Vector(2), Vector(3));
        Check(x => AttentionLoss.Supervised(x[0].flatten(1).softmax(1).view(N, 2, 3), truth), Numbers(1, N, 2, 3));
    }

    [Fact]
    public void Visual_context()
    {
        Check(x => VisualContextLoss.Of(Unit(x[0]), Unit(x[1]), x[2], 1, 2).Context, Map(1), Vector(2), Numbers(3, N, 4, 2, 3));
        Check(x => VisualContextLoss.Of(Unit(x[0]), Unit(x[1]), x[2], 1, 2).Consistency, Map(1), Vector(2), Numbers(3, N, 4, 2, 3));
    }

    [Fact]
    public void A_picture_without_annotation_says_nothing()
    {
        var attention = Numbers(1, N, 2, 3).flatten(1).softmax(1).view(N, 2, 3);

        Assert.Equal(0, AttentionLoss.Supervised(attention, full(N, 4, 6, -1, dtype: float64)).item<double>());
    }

    private static void Check(Func<Tensor[], Tensor> loss, params Tensor[] inputs)
    {
        Tensor[] leaves = [.. inputs.Select(x => x.detach().clone().requires_grad_())];
        loss(leaves).backward();
        for (var k = 0; k < inputs.Length; k++)
        {
            using var scope = NewDisposeScope();
            var slope = leaves[k].grad ?? throw new InvalidOperationException($"input {k} has no gradient");
            var slopes = slope.flatten().data<double>().ToArray();
            Assert.Contains(slopes, s => Math.Abs(s) > 1e-9);
            using var ungraded = no_grad();
            for (var i = 0; i < slopes.Length; i++)
            {
                var difference = (At(k, i, Step) - At(k, i, -Step)) / (2 * Step);
                Assert.True(
                    Math.Abs(difference - slopes[i]) <= Tolerance * Math.Max(1, Math.Abs(difference)), $"input {k}, number {i}: {slopes[i]:g9} where the loss rises by {difference:g9}");
            }
        }

        double At(int k, int i, double step)
        {
            using var scope = NewDisposeScope();
            Tensor[] moved = [.. inputs.Select(x => x.clone())];
            moved[k].view(-1)[i].add_(step);
            return loss(moved).item<double>();
        }
    }

    private static Tensor Map(uint seed) => Numbers(seed, N, C, 2, 3);

    private static Tensor Vector(uint seed) => Numbers(seed, N, C);

    private static Tensor Numbers(uint seed, params long[] shape)
    {
        var values = new double[shape.Aggregate(1L, (n, d) => n * d)];
        for (uint i = 0; i < values.Length; i++)
        {
            values[i] = Golden.Uniform(900 + seed, i, -1, 1);
        }

        return tensor(values, shape);
    }
}
