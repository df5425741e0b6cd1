using System.Globalization;
using System.Text;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.TwoStream;

namespace RealtimeSsl.Cli.Verbs;

/// <summary>A model package in words: what it is, how it sees, hears and joins, from which score on it finds something, and its card.</summary>
internal static class PackageReport
{
    public static string Of(ModelPackage package)
    {
        var (m, text) = (package.Manifest, new StringBuilder());
        Line("", $"{m.Name} {m.Version}, method {m.Method}, licence {m.Licence}");
        Line("package", $"{package.Folder}, sha256 {package.Sha256}");
        if (m.Precision is { } precision)
        {
            Line("numbers", $"{precision.ToString().ToLowerInvariant()}, exported from sha256 {m.ExportedFrom ?? "not noted"}");
        }

        var (image, audio) = (m.ImageFrontEnd, m.AudioFrontEnd);
        Line("picture", $"{image.Width} x {image.Height}, front end {image.Id}");
        Line("sound", $"{audio.WindowSeconds:0.##} s at {audio.Rate} Hz as {audio.Rows} x {audio.Columns}, front end {audio.Id}");
        if (m.FlowFrontEnd is { } flow)
        {
            Line("motion", $"{(flow.Channels == FlowChannels.Xy ? "to the right and down" : "its length")}, optical flow{(flow.ClipLikeAuthors ? " as 8-bit pictures" : "")}");
        }

        Line("head", Head(m.Head));
        if (m.Projections is { } projections)
        {
            Line("aligned", $"by {projections} besides, which evaluate alone reads (retrieval)");
        }

        Line("scores", $"{m.ScoreRange.Low:0.####} (certainly not here) to {m.ScoreRange.High:0.####} (certainly here)");
        var best = m.Head.Id == HeadKind.SoftAttention ? "cosine" : "cell";
        Line("source", $"from {m.Detection.Threshold:0.###} of that range on; none in the picture while the best {best} is below {m.Detection.Presence:0.###}");
        Line("presence", Calibration.Of(package) is { } c
            ? (FormattableString)$"calibrated: even odds at a raw score of {c.Even:0.####}, from {c.Own} own and {c.Foreign} foreign sounds of {c.Data} (area under ROC {c.Roc:0.###})"
            : $"not calibrated: by the limit above (evaluate --write-calibration measures it)");
        if (m.Method == ObjectGuidedLocalizer.GuideMethod)
        {
            Line("guide", $"of any other: --model NAME+{m.Name}");
        }
        else
        {
            var guidance = ObjectGuidance.Of(m);
            Line("guided", $"with --model NAME+GUIDE: {guidance.Weight:0.##} of its own map, {(guidance.MinMax ? "min-max" : "fixed scales")}");
        }

        if (m.Classes is { } classes)
        {
            Line("classes", $"{string.Join(", ", classes)}");
        }

        foreach (var (name, hash) in m.Files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            Line("file", $"{name}, {new FileInfo(Path.Combine(package.Folder, name)).Length} bytes, sha256 {hash}");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{Printable(Encoding.UTF8.GetString(package.Read(m.Card))).TrimEnd()}\n");
        return text.ToString();

        void Line(string what, FormattableString value) =>
            text.Append($"{what,-9}{Printable(value.ToString(CultureInfo.InvariantCulture))}".Trim()).Append('\n');
    }

    private static FormattableString Head(HeadSettings head) => head.Id switch
    {
        HeadKind.Joint => $"none: one network gives the scores",
        HeadKind.Scores => $"none: the image network reads the sound and gives the scores",
        HeadKind.SoftAttention => $"soft attention, temperature {head.Temperature:0.####}, sound pooled by {Pool(head)}",
        _ => $"cosine, temperature {head.Temperature:0.####}, sound pooled by {Pool(head)}",
    };

    private static string Pool(HeadSettings head) => head.AudioPool switch
    {
        AudioPool.Max => "maximum",
        AudioPool.Mean => "mean",
        _ => "nothing (a vector already)",
    };

    /// <summary>A package comes from anywhere: what it says must not drive the terminal.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not '\n' ? ' ' : c));
}
