namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// The share of samples whose IoU reaches a threshold, over 21 thresholds of 0, 0.05, ... 1, and the area under it. The thresholds are the doubles of
/// 0.05 i (0.15000000000000002 and so on), as the peers' code has them. What is not a number reaches no threshold, not even 0.
/// </summary>
public sealed class SuccessCurve
{
    /// <summary>Number of thresholds.</summary>
    public const int Points = 21;

    private SuccessCurve(double[] shares, double auc) => (Shares, Auc) = (shares, auc);

    /// <summary>Share of samples at each threshold.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>Area under the curve (trapezoids), 0..1.</summary>
    public double Auc { get; }

    /// <summary>Threshold number i.</summary>
    public static double At(int i) => 0.05 * i;

    /// <summary>The curve of the samples' IoU; not a number without samples.</summary>
    public static SuccessCurve Of(IReadOnlyCollection<double> ious) => Of(i => ious.Count == 0 ? double.NaN : Share(ious, At(i)));

    /// <summary>The share of samples that reach a threshold.</summary>
    public static double Share(IReadOnlyCollection<double> ious, double threshold) => ious.Count(v => v >= threshold) / (double)ious.Count;

    /// <summary>A curve of any share.</summary>
    /// <param name="share">Of threshold number i.</param>
    internal static SuccessCurve Of(Func<int, double> share)
    {
        var shares = Enumerable.Range(0, Points).Select(share).ToArray();
        var area = 0.0;
        for (var i = 1; i < Points; i++)
        {
            area += (At(i) - At(i - 1)) * (shares[i] + shares[i - 1]) / 2;
        }

        return new SuccessCurve(shares, area);
    }
}
