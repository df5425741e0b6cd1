namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// Confidence intervals by resampling (Efron): whole groups are drawn, since samples of one picture are not independent; the same draws for both
/// sides of a comparison, so that what is common to both cancels out. Seeded.
/// </summary>
public static class Bootstrap
{
    /// <summary>95 % interval of the mean difference of paired values.</summary>
    /// <param name="groups">Differences, by group.</param>
    /// <param name="draws">How often to resample.</param>
    /// <param name="seed">Of the draws.</param>
    public static (double Mean, double Low, double High) MeanDifference(IReadOnlyList<double[]> groups, int draws = 2000, int seed = 1)
    {
        var total = groups.Sum(g => g.Length);
        if (total == 0)
        {
            return (double.NaN, double.NaN, double.NaN);
        }

        var sums = groups.Select(g => g.Sum()).ToArray();
        var random = new Random(seed);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var (sum, count) = (0.0, 0);
            for (var i = 0; i < groups.Count; i++)
            {
                var pick = random.Next(groups.Count);
                (sum, count) = (sum + sums[pick], count + groups[pick].Length);
            }

            means[draw] = sum / Math.Max(1, count);
        }

        return (sums.Sum() / total, Magnitudes.Quantile(means, 0.025), Magnitudes.Quantile(means, 0.975));
    }
}
