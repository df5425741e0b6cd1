namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// Interactive IoU (SSLalign): a picture counts if every one of its sounds is localized, so a map that does not listen scores nothing however well it
/// finds things. IIoU at 0.5, and the area under its success curve, IAUC.
/// </summary>
/// <param name="IIoU">Share of groups all of whose members reach 0.5.</param>
/// <param name="Curve">The same at all thresholds.</param>
/// <param name="Groups">Number of groups.</param>
/// <param name="Alone">Groups of one member, where IIoU is cIoU.</param>
public sealed record Interaction(double IIoU, SuccessCurve Curve, int Groups, int Alone)
{
    /// <summary>Area under the curve.</summary>
    public double IAuc => Curve.Auc;

    /// <summary>Computes it.</summary>
    /// <param name="samples">Group and IoU of each sample. One that is not a number makes everything not a number, as in the peers' code.</param>
    public static Interaction Of(IEnumerable<(string Group, double IoU)> samples)
    {
        // A group reaches a threshold if its worst member does. Math.Min passes on what is not a number.
        var groups = samples.GroupBy(s => s.Group, StringComparer.Ordinal).Select(g => (Worst: g.Select(s => s.IoU).Aggregate(Math.Min), Count: g.Count())).ToArray();
        var worst = Array.ConvertAll(groups, g => g.Worst);
        var curve = SuccessCurve.Of(i => Share(worst, SuccessCurve.At(i)));
        return new Interaction(Share(worst, 0.5), curve, groups.Length, groups.Count(g => g.Count == 1));
    }

    private static double Share(double[] worst, double threshold) =>
        worst.Length == 0 || worst.Any(double.IsNaN) ? double.NaN : SuccessCurve.Share(worst, threshold);
}
