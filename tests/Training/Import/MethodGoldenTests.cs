using System.Text.Json;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>
/// Methods whose networks are more than two trunks, with formula weights at an eighth of their width, saved as their authors' code names them, imported from
/// both layouts, and run: what their own code gives (Golden/methods.json) within 1e-4 of the largest value.
/// </summary>
public sealed class MethodGoldenTests : IDisposable
{
    private const int Width = 8;

    private static readonly JsonElement Methods = Golden.Load("methods");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void HearTheFlow_as_its_authors_save_it() => Agree(
        HearTheFlow.Make(Width), weights => [new TorchDict { { "model", weights } }], "", Picture(1), Flow(2, 2, -0.02, 0.02), Spectrogram(3, 257 * 276));

    [Fact]
    public void HearTheFlow_as_Lightning_saves_it() => Agree(
        HearTheFlow.Make(Width), weights => [new TorchDict { { "state_dict", weights } }], "model.", Picture(1), Flow(2, 2, -0.02, 0.02), Spectrogram(3, 257 * 276));

    [Fact]
    public void SSPL_in_three_files() => Agree(Sspl.Make(predictiveCoding: true, Width), Parts, "module.", Picture(1), null, SsplSound());

    [Fact]
    public void SSPL_without_predictive_coding_in_two_files() => Agree(Sspl.Make(predictiveCoding: false, Width), Parts, "module.", Picture(1), null, SsplSound());

    [Fact]
    public void Attention_beside_SoundNet() => Agree(
        Attention.Make(Width, soundWidth: 2),
        weights => [Only(weights, n => !IsSoundNet(n)), Only(weights, IsSoundNet)],
        "",
        Series(6, 3 * 320 * 320, -2, 2),
        null,
        Columns(441, 500, i => 0.3 * Math.Sin(2 * Math.PI * (200 * (i / 22050.0) + 100 * (i / 22050.0) * (i / 22050.0))) + 0.05 * Golden.Uniform(5, i, -1, 1)));

    [Fact]
    public void FlowGrad_as_a_channel() => Agree(FlowGrad.Channel(Width), Whole, "", Picture(1), Flow(8, 1, 0.02, 0.1), LogPower());

    [Fact]
    public void FlowGrad_by_an_encoder() => Agree(FlowGrad.Encoder(Width), Whole, "", Picture(1), Flow(8, 1, 0.02, 0.1), LogPower());

    [Fact]
    public void MobileNetV3() => Agree(Mobile.V3Small(), Whole, "", Picture(1), null, Spectrogram(9, 257 * 299));

    [Fact]
    public void MobileNetV2() => Agree(Mobile.V2(), Whole, "", Picture(1), null, Spectrogram(9, 257 * 299));

    [Fact]
    public void Two_files_with_the_same_tensor_are_refused()
    {
        var weights = Weights(Methods.GetProperty("sspl-wo-pcm").GetProperty("state_dict"), "");
        File.WriteAllBytes(_folder["a.pth"], TorchWriter.Zip(weights));
        File.WriteAllBytes(_folder["b.pth"], TorchWriter.Zip(weights));

        var request = new ImportRequest(_folder["a.pth"], Sspl.Make(predictiveCoding: false, Width), _folder["out"]) { Others = [_folder["b.pth"]] };
        var e = Assert.Throws<ImportException>(() => Importer.Run(request, new LogLines(), TestContext.Current.CancellationToken));
        Assert.Contains("give each part of the network once", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_not_given_is_named()
    {
        var weights = Weights(Methods.GetProperty("sspl-wo-pcm").GetProperty("state_dict"), "");
        File.WriteAllBytes(_folder["a.pth"], TorchWriter.Zip(weights));

        var request = new ImportRequest(_folder["a.pth"], Sspl.Make(predictiveCoding: true, Width), _folder["out"]);
        var e = Assert.Throws<ImportException>(() => Importer.Run(request, new LogLines(), TestContext.Current.CancellationToken));
        Assert.Contains("missing: PredProcess.0.weight", e.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder["out"]));
    }

    private static TorchDict[] Whole(TorchDict weights) => [weights];

    private static TorchDict[] Parts(TorchDict weights) =>
    [
        Only(weights, n => n.StartsWith("feat_extractor.", StringComparison.Ordinal)),
        Only(weights, n => n is ['f', 'e', 'a', 't', 'u', ..] or ['e', 'm', 'b', ..] or ['f', 'c', '.', ..]),
        .. weights.Exists(w => ((string)w.Key!).Contains("PredProcess", StringComparison.Ordinal))
            ? new[] { Only(weights, n => n is ['P', ..] or ['E', ..] or ['B', ..] or ['a', '0', ..] or ['b', '0', ..]) } : [],
    ];

    private static bool IsSoundNet(string name) => name.StartsWith("conv", StringComparison.Ordinal) || name.StartsWith("batchnorm", StringComparison.Ordinal);

    private static TorchDict Only(TorchDict weights, Func<string, bool> wanted)
    {
        var part = new TorchDict { IsStateDict = weights.IsStateDict };
        part.AddRange(weights.Where(w => wanted(((string)w.Key!).Replace("module.", "", StringComparison.Ordinal))));
        return part;
    }

    private static TorchDict Weights(JsonElement stateDict, string prefix) => TorchDict.State(stateDict.EnumerateArray().Select(entry =>
    {
        var name = entry[0].GetString()!;
        int[] shape = [.. entry[1].EnumerateArray().Select(d => d.GetInt32())];
        var seed = name.Aggregate(0u, (s, c) => unchecked(s * 31 + c));
        return KeyValuePair.Create(
            prefix + name, shape.Length == 0 ? TorchTensor.Counter(3) : TorchTensor.Of(shape, FormulaWeights.Tensor(seed, name, shape).Values));
    }));

    /// <summary>Imports from both layouts, which must give the same networks, and holds the heatmap against the golden one.</summary>
    private void Agree(ImportMethod method, Func<TorchDict, TorchDict[]> files, string prefix, float[] picture, float[]? flow, float[] sound)
    {
        var golden = Methods.GetProperty(method.Id);
        var parts = files(Weights(golden.GetProperty("state_dict"), prefix));
        var zip = Import(method, "zip", [.. parts.Select(TorchWriter.Zip)]);
        var legacy = Import(method, "legacy", [.. parts.Select(TorchWriter.Legacy)]);
        Assert.Equal(zip.Manifest.Files["image.onnx"], legacy.Manifest.Files["image.onnx"]);
        Assert.Equal(zip.Manifest.Files["audio.onnx"], legacy.Manifest.Files["audio.onnx"]);

        var map = Map(zip, picture, flow, sound);

        var expected = golden.GetProperty("map").EnumerateArray().SelectMany(row => row.Doubles()).ToArray();
        Assert.Equal(expected.Length, map.Length);
        var worst = expected.Zip(map).Max(p => Math.Abs(p.First - p.Second)) / expected.Max(Math.Abs);
        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {worst:g3} of the largest value");
        Assert.InRange(worst, 0, 1e-4);
    }

    private ModelPackage Import(ImportMethod method, string layout, byte[][] parts)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            File.WriteAllBytes(_folder[$"{layout}{i}.pth"], parts[i]);
        }

        var request = new ImportRequest(_folder[layout + "0.pth"], method, _folder[layout])
        {
            Others = [.. Enumerable.Range(1, parts.Length - 1).Select(i => _folder[$"{layout}{i}.pth"])],
        };
        return Importer.Run(request, new LogLines(), TestContext.Current.CancellationToken);
    }

    /// <summary>The package's networks and head on given tensors: what the localizer does between its front ends and the heatmap.</summary>
    private static float[] Map(ModelPackage package, float[] picture, float[]? flow, float[] sound)
    {
        var manifest = package.Manifest;
        var device = ExecutionProvider.Choose("cpu", new LogLines());
        var options = new LocalizerOptions(new LogLines()) { Threads = 1 };
        using var audio = Trunks.Load(package, "audio.onnx", device, options, Trunks.Audio(manifest));
        ImageInput[] inputs = [.. manifest.ImageInputs ?? [ImageInput.Picture]];
        using var image = Trunks.Load(package, "image.onnx", device, options, [.. inputs.Select(i => Trunks.Input(i, manifest, audio.OutputShapes[^1]))]);
        sound.CopyTo(audio.Input());
        audio.Run();
        for (var i = 0; i < inputs.Length; i++)
        {
            ReadOnlySpan<float> given = inputs[i] switch { ImageInput.Flow => flow, ImageInput.Sound => audio.Output(audio.OutputShapes.Count - 1), _ => picture };
            given.CopyTo(image.Input(i));
        }

        image.Run();
        IHead head = manifest.Head.Id switch
        {
            HeadKind.Scores => new ScoresHead(image.OutputShapes[0]),
            HeadKind.SoftAttention => new SoftAttentionHead(image.OutputShapes[0], audio.OutputShapes[0], manifest.Head),
            _ => new CosineHead(image.OutputShapes[0], audio.OutputShapes[0], manifest.Head),
        };
        head.SetAudio(audio.Output());
        var map = new float[head.Rows * head.Cols];
        head.Map(image.Output(), map);
        return map;
    }

    private static float[] Series(uint seed, int count, double low, double high) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Golden.Uniform(seed, (uint)i, low, high))];

    private static float[] Picture(uint seed) => Series(seed, 3 * 224 * 224, -2, 2);

    private static float[] Flow(uint seed, int planes, double low, double high) => Series(seed, planes * 224 * 224, low, high);

    private static float[] Spectrogram(uint seed, int count) => Series(seed, count, -1.3, -0.2);

    private static float[] LogPower() => [.. Series(7, 257 * 188, 0, 1).Select(v => (float)Math.Log(v + 1e-7f))];

    private static float[] SsplSound() => Columns(160, 300, i =>
    {
        var t = i / 16000.0;
        return 0.3 * Math.Sin(2 * Math.PI * (200 * t + 600 * t * t)) * (0.5 + 0.5 * Math.Sin(3 * Math.PI * t)) + 0.05 * Golden.Uniform(4, i, -1, 1) + 0.02;
    });

    /// <summary>Samples as columns of a waveform front end: one below the other.</summary>
    private static float[] Columns(int hop, int count, Func<uint, double> sample)
    {
        var tensor = new float[hop * count];
        for (var i = 0; i < tensor.Length; i++)
        {
            tensor[i % hop * count + i / hop] = (float)sample((uint)i);
        }

        return tensor;
    }
}
