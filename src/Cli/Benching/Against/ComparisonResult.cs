namespace RealtimeSsl.Cli.Benching.Against;

/// <summary>A ratio with the interval in which it lies in 95 of 100 such measurements.</summary>
/// <param name="Value">How many times as fast.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
internal sealed record Ratio(double Value, double Low, double High)
{
    private const int Resamplings = 2000;

    /// <summary>
    /// Median of theirs over median of ours. Blocks were measured in turn, so a disturbance that lasts meets both sides: blocks are drawn again in pairs
    /// (paired bootstrap, percentiles).
    /// </summary>
    /// <param name="theirs">Time of each block, ms.</param>
    /// <param name="ours">Time of each block, ms; as many.</param>
    public static Ratio Of(double[] theirs, double[] ours)
    {
        var random = new Random(1);
        var ratios = new double[Resamplings];
        var (a, b) = (new double[ours.Length], new double[ours.Length]);
        for (var n = 0; n < Resamplings; n++)
        {
            for (var i = 0; i < a.Length; i++)
            {
                var block = random.Next(ours.Length);
                (a[i], b[i]) = (theirs[block], ours[block]);
            }

            ratios[n] = Timing.Median(a) / Timing.Median(b);
        }

        Array.Sort(ratios);
        return new Ratio(
            Round(Timing.Median(theirs) / Timing.Median(ours)), Round(ratios[(int)(0.025 * Resamplings)]), Round(ratios[(int)(0.975 * Resamplings) - 1]));
    }

    private static double Round(double value) => Math.Round(value, 3);
}

/// <summary>One contest.</summary>
/// <param name="What">What ran.</param>
/// <param name="TheirMs">Times of the other side.</param>
/// <param name="OurMs">Our times.</param>
/// <param name="Faster">How many times as fast we are.</param>
internal sealed record ContestResult(string What, Timing TheirMs, Timing OurMs, Ratio Faster);

/// <summary>How far our outputs are from theirs on the same inputs.</summary>
/// <param name="Difference">Largest difference of any value, over the largest value.</param>
/// <param name="Cosine">Cosine between all values of both.</param>
internal sealed record Agreement(double Difference, double Cosine)
{
    /// <summary>What floats in another order of summation may differ by.</summary>
    public const double Same = 1e-4;

    /// <summary>Compares.</summary>
    public static Agreement Of(float[] theirs, float[] ours)
    {
        double largest = 0, difference = 0, dot = 0, a = 0, b = 0;
        for (var i = 0; i < theirs.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(theirs[i]));
            difference = Math.Max(difference, Math.Abs(theirs[i] - ours[i]));
            (dot, a, b) = (dot + (double)theirs[i] * ours[i], a + (double)theirs[i] * theirs[i], b + (double)ours[i] * ours[i]);
        }

        return new Agreement(difference / largest, dot / Math.Sqrt(a * b));
    }
}

/// <summary>A model in the comparison.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Precision">Numbers of its trunks' weights.</param>
/// <param name="Image">Agreement of the image trunk's output.</param>
/// <param name="Audio">Agreement of the audio trunk's output.</param>
/// <param name="Map">Agreement of the heatmap.</param>
/// <param name="Contests">The contests.</param>
internal sealed record ComparedModel(
    string Name, string Precision, Agreement Image, Agreement Audio, Agreement Map, IReadOnlyList<ContestResult> Contests);

/// <summary>The comparison.</summary>
/// <param name="Name">The other side and its version.</param>
/// <param name="Blas">Its linear algebra; null if unknown.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Models">Our side.</param>
internal sealed record ComparisonResult(string Name, string? Blas, int Threads, IReadOnlyList<ComparedModel> Models);
