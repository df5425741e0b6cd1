using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// The comparison with the baselines in words, on the mean adaptive IoU (the one measure that a large guess does not win), with a paired bootstrap over
/// pictures: what is not better than a guess that hears nothing is called so.
/// </summary>
internal static class Verdicts
{
    private const int Few = 20;

    public static IReadOnlyList<string> Of(SystemTally model, SystemTally[] deaf, SystemTally? other)
    {
        var lines = new List<string>();
        var samples = model.Adaptive.Count();
        if (samples == 0)
        {
            return ["Nothing sounds in these samples: there is nothing to localize."];
        }

        foreach (var baseline in deaf)
        {
            Say(baseline, $"does not beat '{baseline.Name}', which hears nothing", $"beats '{baseline.Name}', which hears nothing");
        }

        if (other is not null)
        {
            Say(other, "is no better with its own sound than with another clip's: these numbers do not show that it listens", "listens: it is better with its own sound than with another clip's");
        }

        if (samples < Few)
        {
            lines.Add($"{samples} samples are few: differences of this size can be chance.");
        }

        return lines;

        void Say(SystemTally baseline, string fails, string wins)
        {
            // By name: not every sample has a stranger's sound.
            var groups = model.Adaptive.Join(baseline.Adaptive, m => m.Sample, b => b.Sample, (m, b) => (m.Group, Difference: m.Adaptive - b.Adaptive))
                .Where(p => !double.IsNaN(p.Difference))
                .GroupBy(p => p.Group, p => p.Difference, StringComparer.Ordinal).Select(g => g.ToArray()).ToArray();
            var (mean, low, high) = Bootstrap.MeanDifference(groups);
            var numbers = $"mean adaptive IoU {ReportComparison.Signed(mean)} points [{ReportComparison.Signed(low)}, {ReportComparison.Signed(high)}]";
            lines.Add($"{model.Name} {(low > 0 ? wins : fails)} ({numbers}).");
        }
    }
}
