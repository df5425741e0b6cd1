using System.Globalization;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>What some sets and some methods have beside the table of all systems: the method's own, one line each, for terminal and page alike.</summary>
internal static class FurtherMeasures
{
    /// <summary>The lines; those that the report has numbers for.</summary>
    public static IEnumerable<string> Of(EvaluationReport r)
    {
        var model = r.Systems[0];
        if (model.AP is { } ap)
        {
            yield return $"Extended: AP {Percent(ap)}, max-F1 {Percent(model.MaxF1)}, LocAcc {Percent(model.LocAcc)}";
        }

        if (model.MIoU is { } miou)
        {
            yield return $"masks: mIoU {Percent(miou)}, F {Percent(model.FScore)}";
        }

        if (model.CIoU03 is { } music)
        {
            yield return $"MUSIC: cIoU@0.3 {Percent(music)}, AUC {Percent(model.Auc03)}, maps cut at a part of their maximum (DSOL, SPM); cIoU@0.3 {Percent(model.CIoU03Cut)} by the preset's own cut";
        }

        if (r.ClassAware is { } c)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"maps per class ({c.Samples} samples, cut at {c.Part:0.##} of their maximum): class-aware cIoU@0.3 {Percent(c.CIoU03)}, AUC {Percent(c.Auc)}, mean IoU {Percent(c.MeanIoU)}; NSA {Percent(c.Nsa)}");
        }

        if (r.Retrieval is { } backbone)
        {
            yield return $"retrieval R@1/5/10, backbone: {Ways(backbone)}";
            yield return $"retrieval R@1/5/10, projected: {(r.RetrievalProjected is { } projected ? Ways(projected) : "no projections in this package")}";
        }

        if (r.Gap is { } gap)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"alignment {gap.Alignment:0.000}, magnitude {gap.Magnitude:0.00} ± {gap.Deviation:0.00}");
        }
    }

    private static string Ways(BothWays both) => $"sound to picture {Shares(both.SoundToPicture)}, picture to sound {Shares(both.PictureToSound)}";

    private static string Shares(Retrieval r) => $"{Percent(r.R1)} / {Percent(r.R5)} / {Percent(r.R10)}";

    private static string Percent(double? share) => TextReport.Percent(share ?? double.NaN).Trim();
}
