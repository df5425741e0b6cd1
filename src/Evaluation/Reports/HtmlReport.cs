using System.Globalization;
using System.Net;
using System.Text;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>report.html: one file that needs nothing else, no network either.</summary>
public static class HtmlReport
{
    /// <summary>Its name in the output folder.</summary>
    public const string FileName = "report.html";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;
    private static readonly string[] Colours = ["#0b63c5", "#b4451f", "#7a8696", "#d99a00", "#2e8b57", "#8a4fbf", "#b9c2cc"];

    /// <summary>Writes it.</summary>
    /// <param name="r">The report.</param>
    /// <param name="sheet">Pictures of samples.</param>
    public static string Of(EvaluationReport r, IReadOnlyList<SheetPicture> sheet)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append(Culture, $"<title>{Text(r.Model)} on {Text(r.Benchmark)}</title><style>\n{Style()}</style></head><body>\n")
            .Append(Culture, $"<h1>{Text(r.Model)} on {Text(r.Benchmark)}</h1>\n<p class=\"soft\">{r.Evaluated} of {r.Annotated} samples of {Text(Path.GetFileName(r.Source))}; conventions: {Text(r.Conventions.Id)}, upsampling {Text(r.Upsampling)}, seed {r.Seed}")
            .Append(Culture, $"{(r.Sha256 is null ? "" : $"; package sha256 {r.Sha256[..12]}…")}. All measures in percent unless said otherwise.</p>\n");
        html.Append("<ul class=\"verdicts\">");
        foreach (var verdict in r.Verdicts)
        {
            var kind = verdict.Contains("does not beat", StringComparison.Ordinal) || verdict.Contains("no better", StringComparison.Ordinal) ? "bad"
                : verdict.Contains(" beats ", StringComparison.Ordinal) || verdict.Contains(" listens: ", StringComparison.Ordinal) ? "good" : "note";
            html.Append(Culture, $"<li class=\"{kind}\">{Text(verdict)}</li>");
        }

        html.Append("</ul>\n<h2>The model and guesses that do not listen</h2>\n");
        Table(html, null, ["", "cIoU", "adapt.", "AUC", "adapt.", "IIoU", "adapt.", "IAUC", "adapt.", "mean IoU", "adapt."], r.Systems.Select((s, i) => (s.Name, Own: i == 0,
            Values: new[] { s.CIoU, s.CIoUAdaptive, s.Auc, s.AucAdaptive, s.IIoU, s.IIoUAdaptive, s.IAuc, s.IAucAdaptive, s.MeanCIoU, s.MeanAdaptive }.Select(Percent).ToArray())));
        html.Append(Culture, $"<p class=\"soft\">cIoU: half of the picture predicted; adapt.: as much of it as the ground truth covers. IIoU: all sounds of a picture must be right; {r.Systems[0].Groups} pictures{(r.Systems[0].GroupsOfOne > 0 ? $", {r.Systems[0].GroupsOfOne} of them with one sound only" : "")}.</p>\n");
        Further(html, r);
        Curves(html, r);
        Published(html, r);
        Sizes(html, r);
        Silence(html, r);
        Pictures(html, sheet);
        Problems(html, r);
        return html.Append("</body></html>\n").ToString();
    }

    private static void Further(StringBuilder html, EvaluationReport r)
    {
        if (FurtherMeasures.Of(r).ToArray() is { Length: > 0 } lines)
        {
            html.Append("<h2>Further measures</h2>\n<ul>").AppendJoin("", lines.Select(l => $"<li>{Text(l)}</li>")).Append("</ul>\n");
        }
    }

    private static void Curves(StringBuilder html, EvaluationReport r)
    {
        html.Append("<h2>Success curves</h2>\n<div class=\"curves\">");
        Curve(html, "share of samples whose cIoU is at least …", r.Systems.Select(s => (s.Name, s.Curve)));
        Curve(html, "… and whose adaptive cIoU is", r.Systems.Select(s => (s.Name, s.CurveAdaptive)));
        html.Append("</div>\n");
    }

    private static void Curve(StringBuilder html, string title, IEnumerable<(string Name, IReadOnlyList<double> Shares)> systems)
    {
        const int width = 440, height = 260, left = 34, top = 26;
        var shown = systems.Where(s => s.Shares.Count > 0 && !s.Shares.Any(double.IsNaN)).ToArray();
        var total = top + height + 30 + 18 * shown.Length;
        html.Append(Culture, $"<svg width=\"{left + width + 12}\" height=\"{total}\" viewBox=\"0 0 {left + width + 12} {total}\" role=\"img\" aria-label=\"{Text(title)}\"><text x=\"{left}\" y=\"14\">{Text(title)}</text>");
        for (var i = 0; i <= 4; i++)
        {
            var (x, y) = (left + width * i / 4, top + height - height * i / 4);
            html.Append(Culture, $"<path d=\"M{left} {y}H{left + width}\" stroke=\"#dfe4ea\"/><text x=\"{left - 6}\" y=\"{y + 4}\" text-anchor=\"end\">{25 * i}</text><text x=\"{x}\" y=\"{top + height + 16}\" text-anchor=\"middle\">{0.25 * i:0.##}</text>");
        }

        foreach (var (i, system) in shown.Index().Reverse())
        {
            var points = system.Shares.Select((s, k) => string.Create(Culture, $"{left + width * SuccessCurve.At(k):0.#} {top + height * (1 - s):0.#}"));
            html.Append(Culture, $"<path d=\"M{string.Join('L', points)}\" fill=\"none\" stroke=\"{Colours[i % Colours.Length]}\" stroke-width=\"{(i == 0 ? 3 : 1.6)}\"/>");
            var y = top + height + 40 + 18 * i;
            html.Append(Culture, $"<path d=\"M{left} {y - 4}h22\" stroke=\"{Colours[i % Colours.Length]}\" stroke-width=\"3\"/><text x=\"{left + 30}\" y=\"{y}\">{Text(system.Name)}</text>");
        }

        html.Append("</svg>");
    }

    private static void Published(StringBuilder html, EvaluationReport r)
    {
        var tables = PublishedTables.For(r.Benchmark).Select(t => (Table: t, Own: t.Own(r).Where(o => o.Values.Any(v => v is not null)).ToArray()))
            .Where(t => t.Own.Length > 0).ToArray();
        if (tables.Length == 0)
        {
            return;
        }

        html.Append("<h2>Beside the literature</h2>\n<p class=\"soft\">Published numbers are of whole sets under their authors' conventions (preset sslalign is SSLalign's); beside a part of a set they are a hint, no more.</p>\n");
        foreach (var (table, own) in tables)
        {
            // Percent have one digit behind the point; what is no percentage has two.
            var format = table.Rows.Any(row => row.Values.Any(v => v >= 2)) ? "0.0" : "0.00";
            var rows = table.Rows.Select(row => (row.Method, false, row.Values.Select(Number).ToArray()))
                .Concat(own.Select(o => ($"{r.Model}{o.What} (here)", true, o.Values.Select(v => Number(v ?? double.NaN)).ToArray())));
            Table(html, table.Source, ["", .. table.Measures], rows);

            string Number(double value) => double.IsNaN(value) ? "–" : value.ToString(format, Culture);
        }
    }

    private static void Sizes(StringBuilder html, EvaluationReport r)
    {
        html.Append("<h2>By size of the source</h2>\n");
        Table(html, null, ["", "samples", "cIoU", "adapt."], r.Systems[0].Sizes.Where(s => s.Value.Samples > 0)
            .Select(s => (s.Key, false, new[] { s.Value.Samples.ToString(Culture), Percent(s.Value.CIoU), Percent(s.Value.CIoUAdaptive) })));
    }

    private static void Silence(StringBuilder html, EvaluationReport r)
    {
        if (r.Negatives is not { } n)
        {
            return;
        }

        html.Append(Culture, $"<h2>When nothing of the picture sounds</h2>\n<p>The own sound has more evidence than another clip's for {Percent(n.OwnBeatsOther)} % of the samples; chance is 50.</p>\n");
        var kinds = n.Thresholds[0].Lit.Keys.ToArray();
        Table(html, "Share of the picture lit above a threshold common to all samples (lower is better), and the IoU of the own sound's map there", ["threshold", .. kinds, "IoU of own"],
            n.Thresholds.Select(t => ($"{t.Name} of the negatives: {t.Threshold.ToString("0.###", Culture)}", false, kinds.Select(k => Percent(t.Lit[k])).Append(Percent(t.MeanIoU)).ToArray())));
        Table(html, "Raw maps", ["sound", "mean of maxima", "median", "mean of minima", "median"],
            n.Magnitudes.Select(m => (m.Key, false, new[] { m.Value.MeanMax, m.Value.MedianMax, m.Value.MeanMin, m.Value.MedianMin }.Select(v => v.ToString("0.000", Culture)).ToArray())));
    }

    private static void Pictures(StringBuilder html, IReadOnlyList<SheetPicture> sheet)
    {
        var legend = "<p class=\"soft\">By adaptive IoU, squashed to a square as they are scored. Bright: where the model hears it; green: where it is.</p>\n";
        foreach (var (i, kind) in sheet.GroupBy(p => p.Kind).Index())
        {
            html.Append(Culture, $"<h2>{char.ToUpperInvariant(kind.Key[0])}{kind.Key[1..]} maps</h2>\n{(i == 0 ? legend : "")}<div class=\"sheet\">");
            foreach (var picture in kind)
            {
                var label = picture.Line.Class is { } c ? $"{c}: " : "";
                html.Append(Culture, $"<figure><img alt=\"{Text(picture.Line.Name)}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(picture.Jpeg)}\">")
                    .Append(Culture, $"<figcaption title=\"{Text(picture.Line.Name)}\">{Text(label)}adaptive IoU {Percent(picture.Line.Adaptive)} · {Text(picture.Line.Name)}</figcaption></figure>");
            }

            html.Append("</div>\n");
        }
    }

    private static void Problems(StringBuilder html, EvaluationReport r)
    {
        if (r.Problems.Count == 0)
        {
            return;
        }

        html.Append("<h2>What was left out or repaired</h2>\n<ul>");
        foreach (var (kind, names) in r.Problems)
        {
            html.Append(Culture, $"<li>{names.Count} {Text(kind.Replace('_', ' '))}: {Text(string.Join(", ", names.Take(20)))}{(names.Count > 20 ? ", … (all in report.json)" : "")}</li>");
        }

        html.Append("</ul>\n");
    }

    private static void Table(StringBuilder html, string? caption, IReadOnlyList<string> columns, IEnumerable<(string Name, bool Own, string[] Values)> rows)
    {
        html.Append("<div class=\"wide\"><table>").Append(caption is null ? "" : $"<caption>{Text(caption)}</caption>").Append("<thead><tr>");
        foreach (var column in columns)
        {
            html.Append(Culture, $"<th>{Text(column)}</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (var (name, own, values) in rows)
        {
            html.Append(Culture, $"<tr{(own ? " class=\"own\"" : "")}><td>{Text(name)}</td>");
            foreach (var value in values)
            {
                html.Append(Culture, $"<td>{value}</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table></div>\n");
    }

    private static string Percent(double share) => double.IsNaN(share) ? "–" : (100 * share).ToString("0.0", Culture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Style()
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }
}
