using System.Text.Json;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;
using static RealtimeSsl.Tests.Support.GoldenInputs;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>
/// The published networks with formula weights, saved as their authors' scripts save them, imported, and run from picture and sound to the heatmap:
/// what their own code gives (Golden/forward.json) within 1e-4 of the largest value.
/// </summary>
public sealed class ImportGoldenTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private static readonly JsonElement Forward = Golden.Load("forward");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SSLalign()
    {
        using var localizer = Import(
            "sslalign",
            Forward,
            weights => new TorchDict { { "epoch", 11 }, { "model_state_dict", weights }, { "optimizer_state_dict", Optimizer() } },
            "");

        var reversed = Sound(32);
        Array.Reverse(reversed);
        var first = Localize(localizer, (320, 240), Play(AudioFrontEnds.SslAlign, Sound(31)));
        var second = Localize(localizer, (640, 360), Play(AudioFrontEnds.SslAlign, reversed));

        AgreeRelatively(Forward.GetProperty("heatmap"), Tolerance, first, second);
    }

    [Fact]
    public void EZ_VSL()
    {
        using var localizer = Import("ez-vsl", Forward.GetProperty("EZVSL"), Beside, "module.");
        AgreeWithOwnCode("EZVSL", localizer);
    }

    [Fact]
    public void SLAVC()
    {
        using var localizer = Import("slavc", Forward.GetProperty("SLAVC"), Beside, "module.");
        AgreeWithOwnCode("SLAVC", localizer);
    }

    [Fact]
    public void FNAC()
    {
        using var localizer = Import("fnac", Forward.GetProperty("FNAC"), Beside, "");
        AgreeWithOwnCode("FNAC", localizer);
    }

    /// <summary>How the EZ-VSL family saves.</summary>
    private static TorchDict Beside(TorchDict weights) => new()
    {
        { "model", weights }, { "optimizer", Optimizer() }, { "epoch", 19 }, { "best_cIoU", new NumpyDouble(0.3885) }, { "best_Auc", 0.3954 },
    };

    /// <summary>Adam's state, shortened.</summary>
    private static TorchDict Optimizer() => new()
    {
        { "state", new TorchDict { ((object)0L, new TorchDict { { "step", 7 }, { "exp_avg", TorchTensor.Of([2], [1, 2]) } }) } },
        { "param_groups", new List<object?> { new TorchDict { { "lr", 1e-4 }, { "betas", new object?[] { 0.9, 0.999 } }, { "amsgrad", false } } } },
    };

    private static void AgreeWithOwnCode(string network, ILocalizer localizer)
    {
        var window = Play(AudioFrontEnds.EzVsl, Sound(31));
        var first = Localize(localizer, (320, 240), window);
        var second = Localize(localizer, (640, 360), Backwards(window));
        AgreeRelatively(Forward.GetProperty(network).GetProperty("map"), Tolerance, first, second);
    }

    /// <summary>Saves in both layouts, imports both, which must give the same package, and loads it.</summary>
    private ILocalizer Import(string method, JsonElement network, Func<TorchDict, TorchDict> container, string prefix)
    {
        var stateDict = network.GetProperty("state_dict");
        var formula = FormulaWeights.Of(stateDict, _ => true);
        var saved = container(TorchDict.State(stateDict.EnumerateArray().Select(e => e[0].GetString()!).Select(name => KeyValuePair.Create(
            prefix + name, formula.TryGetValue(name, out var w) ? TorchTensor.Of(w.Shape, w.Values) : TorchTensor.Counter(3)))));
        var zip = Package("zip", TorchWriter.Zip(saved));
        var legacy = Package("legacy", TorchWriter.Legacy(saved));

        Assert.Equal(zip.Manifest.Files["image.onnx"], legacy.Manifest.Files["image.onnx"]);
        Assert.Equal(zip.Manifest.Files["audio.onnx"], legacy.Manifest.Files["audio.onnx"]);
        Assert.Equal((method, "unknown"), (zip.Manifest.Method, zip.Manifest.Licence));

        // Files for the authors' test programs have none.
        Assert.Null(zip.Manifest.Projections);

        // A mark at every column, so that the window ends where the clip ends.
        return LocalizerFactory.Create(zip.Folder, new LocalizerOptions(new LogLines()) { Device = "cpu", AudioEvery = TimeSpan.Zero });

        ModelPackage Package(string layout, byte[] bytes)
        {
            var file = _folder[layout + ".pth"];
            File.WriteAllBytes(file, bytes);

            // The golden maps were made with SSLalign's pictures.
            var wanted = ImportMethods.ById(method) with { Image = ImageFrontEnds.SslAlign };
            var package = Importer.Run(new ImportRequest(file, wanted, _folder[layout]), new LogLines(), TestContext.Current.CancellationToken);
            File.Delete(file);
            return package;
        }
    }
}
