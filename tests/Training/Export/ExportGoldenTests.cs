using System.Numerics.Tensors;
using System.Text.Json;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Export;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;
using static RealtimeSsl.Tests.Support.GoldenInputs;

namespace RealtimeSsl.Tests.Training.Export;

/// <summary>
/// The published networks with formula weights in int8 and half precision, live from picture and sound to the heatmap, against what their own code gives in float32
/// (Golden/forward.json): cosine of 0.999 at least. Calibrated on other pictures and sounds.
/// </summary>
public sealed class ExportGoldenTests : IDisposable
{
    private const int SampleCount = 8;

    private static readonly JsonElement Forward = Golden.Load("forward");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sslalign", null, "heatmap")]
    [InlineData("ez-vsl", "EZVSL", "map")]
    [InlineData("slavc", "SLAVC", "map")]
    [InlineData("fnac", "FNAC", "map")]
    public void Heatmaps_stay_those_of_the_methods_own_code(string method, string? network, string map)
    {
        var golden = network is null ? Forward : Forward.GetProperty(network);
        var source = Import(method, golden.GetProperty("state_dict"));
        var samples = Samples(source.Manifest);

        // Half precision on the network that has norms; it differs less than int8 by far.
        foreach (var precision in method == "slavc" ? [ModelPrecision.Int8, ModelPrecision.Fp16] : new[] { ModelPrecision.Int8 })
        {
            var request = new ExportRequest(source, precision, _folder[precision.ToString()], samples, "formulas");
            var exported = Exporter.Run(request, new LogLines(), _ => { }, TestContext.Current.CancellationToken).Package;
            using var localizer = LocalizerFactory.Create(exported.Folder, new LocalizerOptions(new LogLines()) { Device = "cpu", AudioEvery = TimeSpan.Zero });
            var window = Play(localizer.FrontEnd, Sound(31));
            var cosine = Cosine(golden.GetProperty(map)[0], Localize(localizer, (320, 240), window));
            TestContext.Current.TestOutputHelper?.WriteLine($"{method} {precision}: cosine {cosine:0.000000}");
            Assert.InRange(cosine, 0.999, 1.000001);
        }
    }

    private static double Cosine(JsonElement golden, float[] map)
    {
        float[] expected = [.. golden.EnumerateArray().SelectMany(row => row.Doubles()).Select(v => (float)v)];
        return TensorPrimitives.CosineSimilarity<float>(expected, map);
    }

    private ModelPackage Import(string method, JsonElement stateDict)
    {
        var formula = FormulaWeights.Of(stateDict, _ => true);
        var state = TorchDict.State(stateDict.EnumerateArray().Select(e => e[0].GetString()!).Select(name => KeyValuePair.Create(
            name, formula.TryGetValue(name, out var w) ? TorchTensor.Of(w.Shape, w.Values) : TorchTensor.Counter(3))));
        var file = _folder["formula.pth"];
        File.WriteAllBytes(file, TorchWriter.Zip(new TorchDict { { "model", state } }));

        // The golden maps were made with SSLalign's pictures.
        var wanted = ImportMethods.ById(method) with { Image = ImageFrontEnds.SslAlign };
        return Importer.Run(new ImportRequest(file, wanted, _folder["source"]), new LogLines(), TestContext.Current.CancellationToken);
    }

    /// <summary>Pictures that are shifted and scaled, sounds of other noise.</summary>
    private static CalibrationSample[] Samples(ModelManifest manifest)
    {
        var (tensor, frontEnd) = (new ImageTensor(manifest.ImageFrontEnd), manifest.AudioFrontEnd);
        using var scene = new Scene(frontEnd);
        return [.. Enumerable.Range(0, SampleCount).Select(i =>
        {
            var (picture, sound) = (new float[manifest.ImageFrontEnd.Length], new float[frontEnd.Rows * frontEnd.Columns]);
            tensor.Fill(scene.Frame(TimeSpan.FromSeconds(i), 40 * (i + 1), 320 + 40 * i, 240 + 10 * i), picture);
            Play(frontEnd, Sound((uint)(50 + i))).CopyTo(sound);
            return new CalibrationSample(picture, sound);
        })];
    }
}
