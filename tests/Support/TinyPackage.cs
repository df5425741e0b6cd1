using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// A model package of a few convolutions with formula weights, written to a folder of the test's own: everything that a real package has,
/// in some ten kilobytes. It answers 6 x 8 cells for a picture of any size.
/// </summary>
public sealed class TinyPackage : IDisposable
{
    public const int Rows = 6;
    public const int Cols = 8;
    private const int Channels = 8;

    public static readonly ImageFrontEnd Image = ImageFrontEnds.SslAlign with { Id = "tiny", Width = 4 * Cols, Height = 4 * Rows };

    public static readonly AudioFrontEnd Audio = AudioFrontEnds.Synchrony with { Id = "tiny", Columns = 64 };

    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder["tiny"];

    /// <summary>The folder of packages, as <c>inference.models</c>.</summary>
    public string ModelsFolder => _folder.Path;

    public string ManifestPath => Path.Combine(Folder, ModelPackage.ManifestName);

    public static ModelManifest Manifest { get; } = new()
    {
        Schema = ModelManifest.CurrentSchema,
        Name = "tiny",
        Version = "1",
        Method = "cosine",
        Licence = "MIT",
        Card = "README.md",
        Files = new Dictionary<string, string>(),
        ImageFrontEnd = Image,
        AudioFrontEnd = Audio,
        AudioShape = [1, 1, Audio.Rows, Audio.Columns],
        Trunks = new TrunkFiles { Image = "image.onnx", Audio = "audio.onnx" },
        Head = new HeadSettings { Id = HeadKind.Cosine },
        Upsampling = HeatmapUpsampling.CvLinear,
        ScoreRange = new ScoreRange(0, 1),
        Detection = new DetectionLimits(0.5f, 0.5f),
    };

    public static Dictionary<string, byte[]> Files => new()
    {
        ["README.md"] = "A network that means nothing."u8.ToArray(),
        ["image.onnx"] = Trunk("image", 3, Image.Height, Image.Width, 1000),
        ["audio.onnx"] = Trunk("audio", 1, Audio.Rows, Audio.Columns, 2000),
    };

    /// <summary>Writes the package, changed as the test wants it.</summary>
    public ModelPackage Write(Func<ModelManifest, ModelManifest>? change = null) =>
        ModelPackage.Create(Folder, change?.Invoke(Manifest) ?? Manifest, Files);

    /// <summary>Writes it with projections for retrieval: the picture's vector as it is, the sound's turned round.</summary>
    public ModelPackage WriteProjected()
    {
        var graph = new GraphBuilder("projections");
        var (picture, sound) = (graph.Input("picture", 1, Channels), graph.Input("sound", 1, Channels));
        graph.Output(graph.Normalise(picture), "p");
        graph.Output(graph.Normalise(graph.Multiply(sound, -1f)), "s");
        var files = new Dictionary<string, byte[]>(Files) { ["projections.onnx"] = graph.ToBytes() };
        return ModelPackage.Create(Folder, Manifest with { Projections = "projections.onnx" }, files);
    }

    /// <summary>Writes another package beside it, with another front end and other weights.</summary>
    public ModelPackage WriteAs(string name, AudioFrontEnd audio, uint seed) => ModelPackage.Create(
        _folder[name],
        Manifest with { Name = name, AudioFrontEnd = audio, AudioShape = [1, 1, audio.Rows, audio.Columns] },
        new Dictionary<string, byte[]>
        {
            ["README.md"] = Files["README.md"],
            ["image.onnx"] = Trunk("image", 3, Image.Height, Image.Width, seed),
            ["audio.onnx"] = Trunk("audio", 1, audio.Rows, audio.Columns, seed + 1000),
        });

    /// <summary>
    /// Writes it with one network that joins both: the mean of the image map's channels, and the sound's mean added to every cell.
    /// </summary>
    public ModelPackage WriteJoint()
    {
        var graph = new GraphBuilder("joint");
        var map = Layers(graph, graph.Input("image", 1, 3, Image.Height, Image.Width), 3, 1000);
        map = graph.Conv(map, "mean", new WeightTensor([1, Channels, 1, 1], [.. Enumerable.Repeat(1f / Channels, Channels)]), null);
        var features = Audio.Rows * Audio.Columns;
        var sound = graph.Conv(
            graph.Input("audio", 1, 1, Audio.Rows, Audio.Columns),
            "sum",
            new WeightTensor([1, 1, Audio.Rows, Audio.Columns], [.. Enumerable.Repeat(1f / features, features)]),
            null);
        graph.Output(graph.Add(map, sound), "scores", 1, 1, Rows, Cols);
        var manifest = Manifest with
        {
            Trunks = new TrunkFiles { Joint = "joint.onnx" },
            Head = new HeadSettings { Id = HeadKind.Joint },
            ScoreRange = new ScoreRange(-2, 2),
        };
        return ModelPackage.Create(
            Folder, manifest, new Dictionary<string, byte[]> { ["README.md"] = Files["README.md"], ["joint.onnx"] = graph.ToBytes() });
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Trunk(string name, int channels, int height, int width, uint seed)
    {
        var graph = new GraphBuilder(name);
        var map = Layers(graph, graph.Input("x", 1, channels, height, width), channels, seed);
        graph.Output(map, "map", 1, Channels, Half(Half(height)), Half(Half(width)));
        return graph.ToBytes();
    }

    private static string Layers(GraphBuilder graph, string x, int channels, uint seed)
    {
        var (first, second) = (Kernel(seed, channels), Kernel(seed + 2, Channels));
        x = graph.Relu(graph.Conv(x, "a", first, Bias(seed + 1), stride: 2, pad: 1));
        return graph.Relu(graph.Conv(x, "b", second, Bias(seed + 3), stride: 2, pad: 1));
    }

    private static WeightTensor Kernel(uint seed, int channels) => FormulaWeights.Tensor(seed, "weight", Channels, channels, 3, 3);

    private static float[] Bias(uint seed) => FormulaWeights.Tensor(seed, "bias", Channels).Values;

    private static int Half(int size) => (size + 1) / 2;
}
