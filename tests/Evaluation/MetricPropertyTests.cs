using FsCheck.Fluent;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>What must hold for any map and any ground truth.</summary>
public sealed class MetricPropertyTests
{
    private const int Side = Conventions.Side;
    private const int Pixels = Side * Side;
    private static readonly FsCheck.Config Quick = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(60);

    [Fact]
    public void The_selected_element_is_the_sorted_ones() => Check(seed =>
    {
        var random = new Random(seed);
        var map = Enumerable.Range(0, 1 + random.Next(3000)).Select(_ => (float)Math.Pow(random.NextDouble() - 0.5, 1 + 2 * random.Next(3))).ToArray();
        if (random.Next(2) == 0)
        {
            map = [.. map.Select(v => MathF.Round(v, 1))];
        }

        var (sorted, ranks) = (map.Order().ToArray(), new RankSelector(map.Length));
        ranks.Load(map);
        Assert.All(Enumerable.Range(0, 20).Select(_ => random.Next(map.Length)), rank => Assert.Equal(sorted[rank], ranks.At(map, rank)));
    });

    [Fact]
    public void The_selected_element_of_maps_with_huge_and_even_values()
    {
        float[][] maps = [[3.4e38f, -3.4e38f, 0], [5, 5, 5, 5], [1e-45f, 0, 2e-45f], [-1]];
        foreach (var map in maps)
        {
            var (sorted, ranks) = (map.Order().ToArray(), new RankSelector(map.Length));
            ranks.Load(map);
            Assert.Equal(sorted, Enumerable.Range(0, map.Length).Select(rank => ranks.At(map, rank)));
        }
    }

    [Fact]
    public void An_oracle_scores_1_wherever_the_metric_allows() => Check(seed =>
    {
        var (truth, area) = RandomTruth(new Random(seed));

        // The truth itself, and no two pixels alike within it: what ties is dropped by the strict comparison.
        var oracle = truth.Select((v, i) => v + i * 1e-6f).ToArray();
        var atLeast = new ConsensusIoU(Conventions.Slavc).Score(oracle, truth);
        Assert.Equal(1, atLeast.Adaptive.IoU);
        Assert.Equal((area - 1) / (double)area, new ConsensusIoU(Conventions.Standard).Score(oracle, truth).Adaptive.IoU, 1e-9);

        // Half of the picture is predicted: all of an object up to half, and no more than half of one beyond.
        Assert.Equal(Math.Min(area, Pixels / 2.0) / Math.Max(area, Pixels / 2.0), atLeast.Fixed.IoU, 1e-9);
    });

    [Fact]
    public void An_even_map_scores_what_theory_says() => Check(seed =>
    {
        var (truth, area) = RandomTruth(new Random(seed));
        var even = new float[Pixels];
        Array.Fill(even, 1.3f);
        Assert.Equal(0, new ConsensusIoU(Conventions.Standard).Score(even, truth).Fixed.IoU);
        var whole = new ConsensusIoU(Conventions.Slavc).Score(even, truth);
        Assert.Equal((area / (double)Pixels, Pixels), (whole.Fixed.IoU, whole.Fixed.Positive));
    });

    [Fact]
    public void Scores_do_not_change_under_monotone_maps() => Check(seed =>
    {
        var random = new Random(seed);
        var (truth, _) = RandomTruth(random);

        // Powers of two move no value onto its neighbour, and neither does a shift by one here.
        var map = Enumerable.Range(0, Pixels).Select(_ => random.Next(1 << 20) / (float)(1 << 20)).ToArray();
        var moved = map.Select(v => 8 * v - 4).ToArray();
        foreach (var conventions in new[] { Conventions.Standard, Conventions.Slavc })
        {
            var (a, b) = (new ConsensusIoU(conventions).Score(map, truth), new ConsensusIoU(conventions).Score(moved, truth));
            Assert.Equal((a.Fixed.IoU, a.Adaptive.IoU, a.Fixed.Positive), (b.Fixed.IoU, b.Adaptive.IoU, b.Fixed.Positive));
        }
    });

    [Fact]
    public void Swapping_the_two_sounds_of_a_pair_swaps_the_result() => Check(seed =>
    {
        var random = new Random(seed);
        var (one, other) = (Blob(random), Blob(random));
        var (first, second) = (RandomTruth(random).Truth, RandomTruth(random).Truth);
        var scorer = new ConsensusIoU(Conventions.Standard);
        Assert.Equal([Score(one, first), Score(other, second)], new[] { Score(other, second), Score(one, first) }.Reverse());
        var pair = Interaction.Of([("a", Score(one, first)), ("a", Score(other, second))]);
        var swapped = Interaction.Of([("a", Score(other, second)), ("a", Score(one, first))]);
        Assert.Equal(pair.Curve.Shares, swapped.Curve.Shares);

        double Score(float[] map, float[] truth) => scorer.Score(map, truth).Adaptive.IoU;
    });

    [Fact]
    public void A_map_that_does_not_listen_has_no_interactive_IoU()
    {
        // The same map for both sounds, whose sources do not overlap: at most one of them can be right.
        var (map, left, right) = (new float[Pixels], new float[Pixels], new float[Pixels]);
        for (var i = 0; i < Pixels; i++)
        {
            map[i] = -(i % Side) - i * 1e-6f;
            (left[i], right[i]) = i % Side < Side / 2 ? (1, 0) : (0, 1);
        }

        var scorer = new ConsensusIoU(Conventions.Standard);
        var (a, b) = (scorer.Score(map, left).Fixed.IoU, scorer.Score(map, right).Fixed.IoU);
        Assert.True(a > 0.99 && b < 0.01);
        Assert.Equal((0.0, 0.5), (Interaction.Of([("p", a), ("p", b)]).IIoU, SuccessCurve.Share([a, b], 0.5)));
    }

    [Fact]
    public void What_has_no_truth_is_a_failure_to_peers_at_every_threshold()
    {
        var curve = SuccessCurve.Of([double.NaN, 1.0]);
        Assert.Equal((0.5, 0.5), (curve.Shares[0], curve.Auc));
        Assert.True(double.IsNaN(Interaction.Of([("a", double.NaN), ("b", 1)]).IIoU));
    }

    [Fact]
    public void A_map_that_is_not_finite_becomes_an_empty_prediction()
    {
        var prediction = new PredictionMap(HeatmapUpsampling.CvLinear);
        var map = new float[Pixels];
        Assert.False(prediction.Fill([0, 1, float.NaN, 0], 2, 2, map));
        Assert.All(map, v => Assert.Equal(0, v));
    }

    [Fact]
    public void Scoring_allocates_nothing_per_sample()
    {
        var (scorer, prediction) = (new ConsensusIoU(Conventions.Standard), new PredictionMap(HeatmapUpsampling.CvLinear));
        var (map, truth) = (new float[Pixels], RandomTruth(new Random(1)).Truth);
        var heat = Blob(new Random(2)).AsSpan(0, 14 * 14).ToArray();
        Assert.Equal(0, Allocations.LeastOfRounds(_ =>
        {
            prediction.Fill(heat, 14, 14, map);
            scorer.Score(map, truth);
        }));
    }

    [Fact]
    public void Silence_that_stays_dark_is_told_from_silence_that_lights()
    {
        float[][] dark = [[0, 0.1f], [0.05f, 0]], bright = [[1, 0.9f], [0.8f, 1]];
        var limit = Negatives.Thresholds(dark)[0].Value;
        Assert.Equal(0.1, limit, 1e-6);
        Assert.Equal(1, Negatives.ShareAuc([.. dark.Select(m => Negatives.Share(m, limit))]));
        Assert.Equal(1, bright.Average(m => Negatives.Share(m, limit)));
        Assert.Equal((1.0, 0.0), (Negatives.Agreement(dark[0], dark[1], 1), Negatives.Agreement(dark[0], bright[0], 0.5)));
    }

    [Fact]
    public void Class_maps_are_rated_by_what_sounds_and_what_is_silent()
    {
        Assert.Equal(0.5, ClassAware.IoU([0, 1, 0.6f, 0], [0, 1, 0, 0]));
        Assert.Equal(1, ClassAware.IoU([0, 1, 0.4f, 0], [0, 1, 0, 0]));
        Assert.Equal(0.75, ClassAware.Nsa([[0, 0.2f, 0.3f, 0], [0.1f, 0.9f, 0, 0]]));
        Assert.Equal(0.25, ClassAware.CIoU([0.5, 0]));
    }

    [Fact]
    public void Equal_pairs_are_aligned_and_have_no_gap()
    {
        float[][] vectors = [[3, 4], [1, 0]], others = [[-3, -4], [-1, 0]];
        var same = ModalityGap.Of(vectors, vectors);
        Assert.Equal((1, 0, 0), (same.Alignment, same.Magnitude, same.Centres), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-6);
        Assert.Equal(-1, ModalityGap.Of(vectors, others).Alignment, 1e-6);
    }

    [Fact]
    public void A_paired_difference_has_its_interval()
    {
        double[][] groups = [.. Enumerable.Range(0, 200).Select(i => new[] { 0.1 + (i % 2) * 0.02, 0.1 })];
        var (mean, low, high) = Bootstrap.MeanDifference(groups);
        Assert.Equal(0.105, mean, 1e-9);
        Assert.True(low < mean && mean < high && low > 0.1 && high < 0.11);
        Assert.Equal((mean, low, high), Bootstrap.MeanDifference(groups));
    }

    private static void Check(Action<int> holds) => FsCheck.Check.One(Quick, Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        holds(seed);
        return true;
    }));

    private static (float[] Truth, int Area) RandomTruth(Random random)
    {
        var truth = new float[Pixels];
        var (x, y) = (random.Next(Side - 2), random.Next(Side - 2));
        var box = new TruthBox(x, y, x + 2 + random.Next(Side - x - 1), y + 2 + random.Next(Side - y - 1));
        TruthMap.Fill([box], BoxUnit.Pixel224, consensus: false, truth);
        return (truth, truth.Count(v => v > 0));
    }

    private static float[] Blob(Random random)
    {
        var (cx, cy) = (random.Next(Side), random.Next(Side));
        return [.. Enumerable.Range(0, Pixels).Select(i => -MathF.Sqrt((i % Side - cx) * (i % Side - cx) + (i / Side - cy) * (i / Side - cy)) - i * 1e-6f)];
    }
}
