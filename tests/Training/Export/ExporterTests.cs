using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Export;

namespace RealtimeSsl.Tests.Training.Export;

/// <summary>A package becomes one of another precision that runs, tells what it is, and was held against its source; or nothing is written.</summary>
public sealed class ExporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyPackage _tiny = new();

    public void Dispose()
    {
        _folder.Dispose();
        _tiny.Dispose();
    }

    [Theory]
    [InlineData(ModelPrecision.Int8, 0.999)]
    [InlineData(ModelPrecision.Fp16, 0.9999)]
    public void A_package_in_another_precision_tells_what_it_is_and_how_near_it_came(ModelPrecision precision, double cosine)
    {
        var source = _tiny.Write();
        var result = Export(source, precision);

        var manifest = result.Package.Manifest;
        Assert.Equal((precision, source.Sha256, "out"), (manifest.Precision!.Value, manifest.ExportedFrom, manifest.Name));
        Assert.Equal((source.Manifest.Method, source.Manifest.Detection), (manifest.Method, manifest.Detection));
        Assert.InRange(result.Agreement.MinCosine, cosine, 1);
        Assert.Equal(4, result.Agreement.Maps);
        var card = File.ReadAllText(Path.Combine(result.Package.Folder, "README.md"));
        Assert.StartsWith("A network that means nothing.", card, StringComparison.Ordinal);
        Assert.Contains(source.Sha256, card, StringComparison.Ordinal);
        Assert.Contains("cosine to float32's", card, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_of_one_joint_network_is_exported_too() =>
        Assert.InRange(Export(_tiny.WriteJoint(), ModelPrecision.Int8).Agreement.MinCosine, 0.99, 1);

    [Fact]
    public void A_calibration_goes_along_and_says_where_it_comes_from()
    {
        var calibration = new Calibration { Slope = 5, Intercept = -2, Data = "scenes", Own = 20, Foreign = 60, Roc = 0.9 };
        var source = _tiny.Write().With(Calibration.FileName, calibration.ToBytes());
        var result = Export(source, ModelPrecision.Int8);

        Assert.Equal(calibration with { Data = "scenes, as tiny in float32" }, Calibration.Of(result.Package));
        Assert.All(result.Agreement.Evidence, e => Assert.InRange(Math.Abs(e.Expected - e.Actual), 0, 0.05));
        Assert.Contains(result.Agreement.Evidence, e => e.Expected != e.Actual);
        Assert.Contains("| presence, calibrated in float32 | carried over; moves by 0.0", File.ReadAllText(Path.Combine(result.Package.Folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_samples_give_the_same_package()
    {
        var source = _tiny.Write();
        var (one, two) = (Export(source, ModelPrecision.Int8, "one").Package, Export(source, ModelPrecision.Int8, "two").Package);
        Assert.Equal(one.Manifest.Files["image.onnx"], two.Manifest.Files["image.onnx"]);
        Assert.Equal(one.Manifest.Files["audio.onnx"], two.Manifest.Files["audio.onnx"]);
    }

    [Fact]
    public void An_exported_package_is_not_exported_again()
    {
        var bytes = Export(_tiny.Write(), ModelPrecision.Int8).Package;
        foreach (var precision in Enum.GetValues<ModelPrecision>())
        {
            Assert.Contains("it is int8 already", Refused(() => Export(bytes, precision, "again")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Float32_to_float32_is_refused() =>
        Assert.Contains("float32 already", Refused(() => Export(_tiny.Write(), ModelPrecision.Fp32)), StringComparison.Ordinal);

    [Fact]
    public void A_place_that_is_taken_is_refused()
    {
        Directory.CreateDirectory(_folder["out"]);
        Assert.Contains("is there already", Refused(() => Export(_tiny.Write(), ModelPrecision.Int8)), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_samples_are_refused() =>
        Assert.Contains("3 pictures with sound", Refused(() => Export(_tiny.Write(), ModelPrecision.Int8, samples: Samples(3))), StringComparison.Ordinal);

    [Fact]
    public void Heatmaps_far_from_the_sources_are_refused_unless_forced()
    {
        // Calibrated in the dark, judged by daylight.
        CalibrationSample[] samples = [.. Samples(16).Select((s, i) => i % 4 == 3 ? s : s with { Picture = [.. s.Picture.Select(v => v * 0.001f)] })];
        var source = _tiny.Write();

        Assert.Contains("not written", Refused(() => Export(source, ModelPrecision.Int8, samples: samples)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
        Assert.InRange(Export(source, ModelPrecision.Int8, samples: samples, force: true).Agreement.MinCosine, -1, Exporter.LeastCosine);
    }

    private static CalibrationSample[] Samples(int count) => [.. Enumerable.Range(0, count).Select(s => new CalibrationSample(
        Values((uint)(300 + s), TinyPackage.Image.Length), Values((uint)(400 + s), TinyPackage.Audio.Rows * TinyPackage.Audio.Columns)))];

    private static float[] Values(uint seed, int count) => [.. Enumerable.Range(0, count).Select(i => (float)Golden.Uniform(seed, (uint)i, -2, 2))];

    private static string Refused(Func<ExportResult> export)
    {
        var e = Assert.Throws<InferenceException>(export);
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }

    private ExportResult Export(ModelPackage source, ModelPrecision precision, string name = "out", CalibrationSample[]? samples = null, bool force = false) =>
        Exporter.Run(
            new ExportRequest(source, precision, _folder[name], samples ?? Samples(16), "formulas") { Force = force }, new LogLines(), _ => { },
            TestContext.Current.CancellationToken);
}
