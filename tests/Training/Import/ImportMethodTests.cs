using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>What the methods make of their checkpoints beyond the golden heatmaps, on networks of small width.</summary>
public sealed class ImportMethodTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SLAVCs_momentum_networks_are_taken_on_request()
    {
        // One file has the two networks the other way round.
        var online = CosineFamily.Slavc(momentum: false, width: 2);
        var momentum = CosineFamily.Slavc(momentum: true, width: 2);
        var first = online.Required.Concat(momentum.Required).Select((k, i) => (k.Name, Tensor: Formula(k, i))).ToDictionary(t => t.Name, t => t.Tensor);
        var swapped = first.ToDictionary(t => t.Key.StartsWith("momentum_", StringComparison.Ordinal) ? t.Key["momentum_".Length..] : "momentum_" + t.Key, t => t.Value);

        var fromFirst = Import("a", momentum, first);
        var fromSwapped = Import("b", online, swapped);

        Assert.NotEqual(fromFirst.Manifest.Files["image.onnx"], Import("c", online, first).Manifest.Files["image.onnx"]);
        Assert.Equal(Scores(fromFirst, 0, 440), Scores(fromSwapped, 0, 440));
    }

    [Fact]
    public void The_object_map_sees_and_does_not_hear()
    {
        var method = ObjectMap.Make(width: 2);
        var package = Import("objects", method, method.Required.Select((k, i) => (k.Name, Tensor: Formula(k, i))).ToDictionary(t => t.Name, t => t.Tensor));

        Assert.Equal(49, Scores(package, 0, 440).Length);
        Assert.Equal(Scores(package, 0, 440), Scores(package, 0, 1000));
        Assert.NotEqual(Scores(package, 0, 440), Scores(package, 40, 440));
    }

    [Theory]
    [InlineData("sslalign", 14, "sslalign", "sslalign", 1f)]
    [InlineData("lvs", 14, "lvs", "lvs", 1f)]
    [InlineData("ssl-tie", 14, "lvs", "ssltie", 1f)]
    [InlineData("marginnce", 7, "ezvsl", "ezvsl", 0.03f)]
    public void A_method_feeds_and_reads_its_network_as_its_own_code_does(string id, int rows, string image, string audio, float temperature)
    {
        var published = ImportMethods.ById(id);
        Assert.Equal((image, audio, temperature), (published.Image.Id, published.Audio.Id, published.Temperature));

        var small = (id == "marginnce" ? CosineFamily.EzVsl(id, "", width: 2) : CosineFamily.AvNet(id, "", published.Image, published.Audio, width: 2)) with { Image = ImageFrontEnds.SslAlign };
        var package = Import(id, small, small.Required.Select((k, i) => (k.Name, Tensor: Formula(k, i))).ToDictionary(t => t.Name, t => t.Tensor));
        Assert.Equal(rows * rows, Scores(package, 0, 440).Length);
    }

    private static TorchTensor Formula(WeightKey key, int seed) =>
        TorchTensor.Of([.. key.Shape], FormulaWeights.Tensor((uint)(900 + seed), key.Name, [.. key.Shape]).Values);

    private static float[] Scores(ModelPackage package, int shift, double hertz)
    {
        using var localizer = LocalizerFactory.Create(package.Folder, new LocalizerOptions(new LogLines()) { Device = "cpu" });
        using var scene = new Scene(localizer.FrontEnd);
        var seconds = localizer.FrontEnd.WindowSeconds + 0.2;
        scene.Play(seconds, i => 0.3 * Math.Sin(2 * Math.PI * hertz * i / localizer.FrontEnd.Rate));
        var output = new LocalizerOutput();
        localizer.Localize(scene.Frame(TimeSpan.FromSeconds(seconds), shift), scene.Window(TimeSpan.FromSeconds(seconds)), output);
        return output.Heatmap.Scores.ToArray();
    }

    private ModelPackage Import(string name, ImportMethod method, Dictionary<string, TorchTensor> weights)
    {
        File.WriteAllBytes(_folder["given.safetensors"], TorchWriter.SafeTensors(weights));
        return Importer.Run(new ImportRequest(_folder["given.safetensors"], method, _folder[name]), new LogLines(), TestContext.Current.CancellationToken);
    }
}
