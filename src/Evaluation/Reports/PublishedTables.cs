using System.Globalization;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>A row of a published table.</summary>
/// <param name="Method">As printed; OGL: with object guidance.</param>
/// <param name="Values">As printed, mostly percent; not a number where the table has a dash.</param>
public sealed record PublishedRow(string Method, IReadOnlyList<double> Values);

/// <summary>A published table, or the part of it that is of one set.</summary>
/// <param name="Source">Where it is from.</param>
/// <param name="Measures">Its columns.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Own">The same measures of a report, one row or more; null where it has none.</param>
public sealed record PublishedTable(string Source, IReadOnlyList<string> Measures, IReadOnlyList<PublishedRow> Rows, Func<EvaluationReport, IEnumerable<OwnRow>> Own);

/// <summary>A row of a report's own.</summary>
/// <param name="What">What is said of the model besides its name, with a space before it; may be empty.</param>
/// <param name="Values">Null where the report has none.</param>
public sealed record OwnRow(string What, double?[] Values);

/// <summary>
/// The literature's numbers beside which ours stand: Tables II to VII of the SSLalign paper, Table 1 of SPM. They hold for whole sets under SSLalign's conventions
/// and are no yardstick for a part of a set or another preset.
/// </summary>
public static class PublishedTables
{
    private const string SslAlign = "Senocak et al., Aligning Sight and Sound, Table ";

    private static readonly Dictionary<string, (string Source, string[] Measures, Func<EvaluationReport, IEnumerable<OwnRow>> Own)> Kinds = new()
    {
        ["II"] = (SslAlign + "II", ["cIoU", "adapt.", "AUC", "adapt."], Standard),
        ["III"] = (SslAlign + "III", ["cIoU", "adapt.", "AUC", "adapt."], Standard),
        ["IV"] = (SslAlign + "IV", ["AP", "max-F1", "LocAcc"], r => Row(100 * r.Systems[0].AP, 100 * r.Systems[0].MaxF1, 100 * r.Systems[0].LocAcc)),
        ["V"] = (SslAlign + "V", ["A→I R@1", "R@5", "R@10", "I→A R@1", "R@5", "R@10"], r =>
            [new OwnRow(" Backbone", Recalls(r.Retrieval)), new OwnRow(" Projected", Recalls(r.RetrievalProjected))]),
        ["VI"] = (SslAlign + "VI (on their training set)", ["magnitude", "±", "alignment"], r => Row(r.Gap?.Magnitude, r.Gap?.Deviation, r.Gap?.Alignment)),
        ["VII"] = (SslAlign + "VII", ["IIoU", "adapt.", "IAUC", "adapt."], r =>
            Row(100 * r.Systems[0].IIoU, 100 * r.Systems[0].IIoUAdaptive, 100 * r.Systems[0].IAuc, 100 * r.Systems[0].IAucAdaptive)),
        ["SPM 1"] = ("Li et al., Self-Supervised Sound Promotion Method, Table 1", ["cIoU@0.3", "AUC"], r =>
            [new OwnRow("", [100 * r.Systems[0].CIoU03, 100 * r.Systems[0].Auc03]), new OwnRow(" by class", [100 * r.ClassAware?.CIoU03, 100 * r.ClassAware?.Auc])]),
    };

    /// <summary>The tables that have something to say about a set, under its name.</summary>
    /// <param name="benchmark">Id of the set.</param>
    public static IReadOnlyList<PublishedTable> For(string benchmark)
    {
        var set = benchmark.StartsWith("music", StringComparison.Ordinal) ? "music" : benchmark;
        return [.. Lines().Where(l => l.Set == set || l.Set == "training set")
            .GroupBy(l => l.Table)
            .Select(g => new PublishedTable(Kinds[g.Key].Source, Kinds[g.Key].Measures, [.. g.Select(l => l.Row)], Kinds[g.Key].Own))];
    }

    private static IEnumerable<(string Table, string Set, PublishedRow Row)> Lines()
    {
        using var reader = new StreamReader(typeof(PublishedTables).Assembly.GetManifestResourceStream("published.csv")!);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                var cells = line.Split(',');
                yield return (cells[0], cells[1], new PublishedRow(
                    cells[2].Replace(';', ','), [.. cells[3..].Select(c => c == "-" ? double.NaN : double.Parse(c, CultureInfo.InvariantCulture))]));
            }
        }
    }

    private static IEnumerable<OwnRow> Standard(EvaluationReport r)
    {
        var s = r.Systems[0];
        return Row(100 * s.CIoU, 100 * s.CIoUAdaptive, 100 * s.Auc, 100 * s.AucAdaptive);
    }

    private static IEnumerable<OwnRow> Row(params double?[] values) => [new OwnRow("", values)];

    private static double?[] Recalls(BothWays? both) => both is var (sound, picture)
        ? [100 * sound.R1, 100 * sound.R5, 100 * sound.R10, 100 * picture.R1, 100 * picture.R5, 100 * picture.R10]
        : [null];
}
