using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// Flickr-SoundNet (Senocak et al., CVPR 2018): <c>Annotations/ID.xml</c>, one <c>bbox</c> per annotator whose first child is skipped and whose next four
/// are the box in a 256-pixel frame. Two annotators of three make a pixel certain.
/// </summary>
internal static class FlickrSoundNet
{
    public const string Id = "flickr";

    /// <summary>The folder of XML files in a data folder, or it itself; null if there is none.</summary>
    public static string? Folder(string data) =>
        new[] { Path.Combine(data, "Annotations"), data }.FirstOrDefault(f => Directory.Exists(f) && Directory.EnumerateFiles(f, "*.xml").Any());

    public static Benchmark Read(string folder)
    {
        var problems = new Problems();
        var samples = Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal).Select(file =>
        {
            var name = Path.GetFileNameWithoutExtension(file);
            return new BenchmarkSample
            {
                Name = name, Picture = name, Sound = name, Scene = name,
                Truth = new Truth(Boxes(file, problems), BoxUnit.Pixel256) { Consensus = true },
            };
        });
        return Benchmark.Of(Id, folder, samples.ToArray(), problems);
    }

    private static List<TruthBox> Boxes(string file, Problems problems)
    {
        try
        {
            using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            return [.. XDocument.Load(reader).Descendants("bbox").Select(b => b.Elements().Skip(1).Take(4).Select(Number).ToArray())
                .Select(v => v.Length == 4 ? new TruthBox(v[0], v[1], v[2], v[3]) : new TruthBox(double.NaN, 0, 0, 0))];
        }
        catch (XmlException e)
        {
            problems.Add("annotation_unreadable", $"{Path.GetFileName(file)}:{e.LineNumber}");
            return [];
        }
    }

    private static double Number(XElement element) =>
        double.TryParse(element.Value, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
