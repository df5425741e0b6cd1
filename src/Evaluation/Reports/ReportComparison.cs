using System.Globalization;
using System.Text;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>
/// Two reports side by side, over the samples that both have: differences with 95 % intervals from a paired bootstrap over pictures. An interval that
/// holds 0 means that the difference can be chance.
/// </summary>
public static class ReportComparison
{
    /// <summary>The lines.</summary>
    /// <exception cref="EvaluationException">They are not of the same set, have other conventions, or no sample in common.</exception>
    public static string Of(EvaluationReport a, EvaluationReport b)
    {
        if (a.Benchmark != b.Benchmark || a.Conventions != b.Conventions || a.Upsampling != b.Upsampling)
        {
            throw new EvaluationException(
                $"not comparable: {a.Benchmark}, preset {a.Conventions.Id}, upsampling {a.Upsampling} against {b.Benchmark}, preset {b.Conventions.Id}, upsampling {b.Upsampling}; "
                + "evaluate both on the same set with the same preset");
        }

        var second = b.Samples.Where(s => s.Sounds).ToDictionary(s => s.Name, StringComparer.Ordinal);
        var pairs = a.Samples.Where(s => s.Sounds && second.ContainsKey(s.Name)).Select(s => (A: s, B: second[s.Name])).ToArray();
        if (pairs.Length == 0)
        {
            throw new EvaluationException("not comparable: no sample is in both reports");
        }

        var text = new StringBuilder($"A: {a.Model}   B: {b.Model}   on {a.Benchmark}, {pairs.Length} samples in both, preset {a.Conventions.Id}; in percent\n\n");
        text.Append("                        A       B     B - A   95 % interval\n");
        Line("cIoU@0.5", s => s.CIoU >= 0.5 ? 1 : 0);
        Line("cIoU@0.5, adaptive", s => s.Adaptive >= 0.5 ? 1 : 0);
        Line("mean cIoU", s => s.CIoU);
        Line("mean cIoU, adaptive", s => s.Adaptive);
        Line("AUC", s => Auc(s.CIoU));
        Line("AUC, adaptive", s => Auc(s.Adaptive));
        Pictures("IIoU", s => s.CIoU);
        Pictures("IIoU, adaptive", s => s.Adaptive);
        return text.ToString();

        void Line(string name, Func<SampleLine, double> value) =>
            Say(name, [.. pairs.GroupBy(p => p.A.Group, StringComparer.Ordinal).Select(g => g.Select(p => (value(p.A), value(p.B))).ToArray())]);

        void Pictures(string name, Func<SampleLine, double> value) => Say(name, [.. pairs.GroupBy(p => p.A.Group, StringComparer.Ordinal)
            .Select(g => new[] { (g.All(p => value(p.A) >= 0.5) ? 1.0 : 0, g.All(p => value(p.B) >= 0.5) ? 1.0 : 0) })]);

        void Say(string name, (double A, double B)[][] groups)
        {
            // Peers' conventions can leave values that are no numbers: a pair with one is no pair.
            groups = [.. groups.Select(g => g.Where(v => !double.IsNaN(v.A + v.B)).ToArray()).Where(g => g.Length > 0)];
            var all = groups.SelectMany(g => g).ToArray();
            var (mean, low, high) = Bootstrap.MeanDifference([.. groups.Select(g => g.Select(v => v.B - v.A).ToArray())]);
            text.Append(CultureInfo.InvariantCulture, $"{name,-20}{100 * all.Average(v => v.A),7:0.0} {100 * all.Average(v => v.B),7:0.0}   {Signed(mean),7}   [{Signed(low)}, {Signed(high)}]{(low > 0 || high < 0 ? "" : low == 0 && high == 0 ? "  no difference" : "  can be chance")}\n");
        }
    }

    /// <summary>Percent points with their sign.</summary>
    internal static string Signed(double share)
    {
        var points = Math.Round(100 * share, 1);
        return points == 0 ? "0.0" : points.ToString("+0.0;-0.0", CultureInfo.InvariantCulture);
    }

    /// <summary>A sample's share of the area: AUC is the mean of these.</summary>
    private static double Auc(double iou) => SuccessCurve.Of([iou]).Auc;
}
