using System.Globalization;
using System.Text;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>The report for a terminal: one table of systems, what else the set asks for, what was wrong, and what it means.</summary>
public static class TextReport
{
    /// <summary>The lines.</summary>
    public static string Of(EvaluationReport r)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{r.Model} on {r.Benchmark}: {r.Evaluated} of {r.Annotated} samples, preset {r.Conventions.Id}, upsampling {r.Upsampling}; in percent\n\n");
        var width = r.Systems.Max(s => s.Name.Length) + 2;
        text.Append(new string(' ', width)).Append("  cIoU  adapt    AUC  adapt   IIoU  adapt   IAUC  adapt   mean  adapt\n");
        foreach (var s in r.Systems.Where(s => s.Curve.Count > 0))
        {
            text.Append(s.Name.PadRight(width));
            foreach (var v in new[] { s.CIoU, s.CIoUAdaptive, s.Auc, s.AucAdaptive, s.IIoU, s.IIoUAdaptive, s.IAuc, s.IAucAdaptive, s.MeanCIoU, s.MeanAdaptive })
            {
                text.Append(Percent(v)).Append(' ');
            }

            text.Length--;
            text.Append('\n');
        }

        var model = r.Systems[0];
        text.Append(culture, $"\nIIoU over {model.Groups} pictures{(model.GroupsOfOne > 0 ? $", {model.GroupsOfOne} of them with one sound only, where it is cIoU" : "")}\n");
        text.Append("by size: ").AppendJoin(", ", model.Sizes.Where(s => s.Value.Samples > 0).Select(s =>
            $"{s.Key} ({s.Value.Samples}) {Percent(s.Value.CIoU).Trim()} / {Percent(s.Value.CIoUAdaptive).Trim()}")).Append('\n');
        foreach (var line in FurtherMeasures.Of(r))
        {
            text.Append(line).Append('\n');
        }

        if (r.Negatives is { } n)
        {
            text.Append($"own sound has more evidence than another clip's: {Percent(n.OwnBeatsOther).Trim()} (chance: 50.0)\n");
            foreach (var t in n.Thresholds)
            {
                text.Append(culture, $"lit above {t.Threshold:0.###} ({t.Name} of the negatives): ").AppendJoin(", ", t.Lit.Select(l => $"{l.Key} {Percent(l.Value).Trim()}"))
                    .Append(culture, $"; own sound's IoU there {Percent(t.MeanIoU).Trim()}\n");
            }
        }

        foreach (var (kind, names) in r.Problems)
        {
            text.Append(culture, $"! {names.Count} {kind.Replace('_', ' ')}: {string.Join(", ", names.Take(3))}{(names.Count > 3 ? ", ..." : "")}\n");
        }

        text.Append('\n');
        foreach (var verdict in r.Verdicts)
        {
            text.Append(verdict).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A share in percent, six wide; a dash for what is not a number.</summary>
    internal static string Percent(double share) => double.IsNaN(share) ? "     -" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture).PadLeft(6);
}
