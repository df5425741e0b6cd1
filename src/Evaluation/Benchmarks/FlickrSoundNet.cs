using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// Boxes as XML, a file per picture, as the parsers of LVS, EZ-VSL, SSL-TIE, SSPL and HearTheFlow read them. Flickr-SoundNet (Senocak et al., CVPR 2018):
/// <c>Annotations/ID.xml</c>, in it an element per annotator, in it a <c>bbox</c> whose first child is skipped and whose next four are the box in a 256-pixel
/// frame. Two annotators of three make a pixel certain. SSL-TIE has VGG-SS in this way, too: <c>anno/ID.xml</c>, each <c>bbox</c> right under the root, its four
/// children parts of width and height. Children named <c>xmin</c> to <c>ymax</c> are taken by name, whatever stands before or between them.
/// </summary>
internal static class FlickrSoundNet
{
    public const string Id = "flickr";

    private static readonly string[] Folders = ["Annotations", "anno", Path.Combine("Test", "Annotations"), Path.Combine("5k_labeled", "Annotations"), ""];
    private static readonly string[] Corners = ["xmin", "ymin", "xmax", "ymax"];

    /// <summary>The folder of XML files in a data folder, or it itself; null if there is none.</summary>
    public static string? Folder(string data) =>
        Folders.Select(f => Path.Combine(data, f)).FirstOrDefault(f => Directory.Exists(f) && Directory.EnumerateFiles(f, "*.xml").Any());

    public static Benchmark Read(string folder)
    {
        var problems = new Problems();
        var samples = Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal).Select(file =>
        {
            // Up to the first dot, as the peers have it: ID.jpg.xml is of ID.
            var name = Path.GetFileName(file).Split('.')[0];
            return new BenchmarkSample { Name = name, Picture = name, Sound = name, Scene = name, Truth = Boxes(file, problems) };
        }).ToArray();
        return Benchmark.Of(samples.Any(s => s.Truth.Consensus) ? Id : VggSs.Id, folder, samples, problems);
    }

    private static Truth Boxes(string file, Problems problems)
    {
        try
        {
            using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            var root = XDocument.Load(reader).Root!;
            var boxes = root.Descendants("bbox").ToArray();
            var vggSs = boxes.Length > 0 && boxes.All(b => b.Parent == root);
            return new Truth([.. boxes.Select(b => Box(b, skipped: vggSs ? 0 : 1))], vggSs ? BoxUnit.Fraction : BoxUnit.Pixel256) { Consensus = !vggSs };
        }
        catch (XmlException e)
        {
            problems.Add("annotation_unreadable", $"{Path.GetFileName(file)}:{e.LineNumber}");
            return new Truth([], BoxUnit.Pixel256) { Consensus = true };
        }
    }

    private static TruthBox Box(XElement bbox, int skipped)
    {
        var named = Corners.Select(c => bbox.Elements().FirstOrDefault(e => e.Name.LocalName == c)).OfType<XElement>().ToArray();
        var v = (named.Length == Corners.Length ? named : bbox.Elements().Skip(skipped)).Take(Corners.Length).Select(Number).ToArray();
        return v.Length == Corners.Length ? new TruthBox(v[0], v[1], v[2], v[3]) : new TruthBox(double.NaN, 0, 0, 0);
    }

    private static double Number(XElement element) =>
        double.TryParse(element.Value, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
