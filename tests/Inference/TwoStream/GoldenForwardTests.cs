using System.Text.Json;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Networks;
using static RealtimeSsl.Tests.Support.GoldenInputs;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>
/// Published networks with formula weights, from the picture and the samples to the heatmap, against what their authors' own code gives
/// (Golden/forward.json): front ends, graph writer, ONNX Runtime, head and engine interface at once.
/// </summary>
public sealed class GoldenForwardTests : IDisposable
{
    private static readonly JsonElement Forward = Golden.Load("forward");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SSLalign_gives_the_heatmap_of_its_own_code()
    {
        var weights = FormulaWeights.Of(Forward.GetProperty("state_dict"), n => !n.Contains(".fc.", StringComparison.Ordinal));
        using var localizer = Build(
            AudioFrontEnds.SslAlign,
            temperature: 1,
            (graph, x) => ResNet18Graph.Add(graph, x, weights, "imgnet.", lastStride: 1),
            (graph, x) => ResNet18Graph.Add(graph, x, weights, "audnet.", stem: "conv1_a", lastStride: 1));

        var noise = Sound(31);
        var reversed = Sound(32);
        Array.Reverse(reversed);
        var first = Localize(localizer, (320, 240), Play(AudioFrontEnds.SslAlign, noise));
        var second = Localize(localizer, (640, 360), Play(AudioFrontEnds.SslAlign, reversed));

        Agree(Forward.GetProperty("heatmap"), 2e-6, first, second);
    }

    [Fact]
    public void EZ_VSL_gives_the_heatmap_of_its_own_code()
    {
        var weights = FormulaWeights.Of(Forward.GetProperty("EZVSL").GetProperty("state_dict"), _ => true);
        using var localizer = Build(
            AudioFrontEnds.EzVsl,
            temperature: 0.03f,
            (graph, x) => Project(graph, ResNet18Graph.Add(graph, x, weights, "imgnet."), weights, "img_proj"),
            (graph, x) => Linear(graph, graph.GlobalMaxPool(ResNet18Graph.Add(graph, x, weights, "audnet.")), weights, "aud_proj"));

        // FNAC differs in training alone: its own code gives the same map.
        AgreeWithOwnCode("EZVSL", localizer);
        AgreeWithOwnCode("FNAC", localizer);
    }

    [Fact]
    public void SLAVC_gives_the_heatmap_of_its_own_code()
    {
        // Two pairs of projections and the mean of two cosines: the cosine of the joined unit vectors.
        var weights = FormulaWeights.Of(
            Forward.GetProperty("SLAVC").GetProperty("state_dict"), n => !n.StartsWith("momentum_", StringComparison.Ordinal));
        using var localizer = Build(
            AudioFrontEnds.EzVsl,
            temperature: 0.03f,
            (graph, x) =>
            {
                var map = ResNet18Graph.Add(graph, x, weights, "imgnet.");
                return graph.Concat(
                    graph.Normalise(Project(graph, map, weights, "img_proj1")), graph.Normalise(Project(graph, map, weights, "img_proj2")));
            },
            (graph, x) =>
            {
                var heard = graph.GlobalMaxPool(ResNet18Graph.Add(graph, x, weights, "audnet."));
                return graph.Concat(
                    graph.Normalise(Linear(graph, heard, weights, "aud_proj1")), graph.Normalise(Linear(graph, heard, weights, "aud_proj2")));
            });

        AgreeWithOwnCode("SLAVC", localizer);
    }

    private static void AgreeWithOwnCode(string method, ILocalizer localizer)
    {
        var window = Play(AudioFrontEnds.EzVsl, Sound(31));
        var first = Localize(localizer, (320, 240), window);
        var second = Localize(localizer, (640, 360), Backwards(window));
        Agree(Forward.GetProperty(method).GetProperty("map"), 3e-5, first, second);
    }

    private TwoStreamLocalizer Build(
        AudioFrontEnd audio, float temperature, Func<GraphBuilder, string, string> image, Func<GraphBuilder, string, string> sound)
    {
        var manifest = TinyPackage.Manifest with
        {
            ImageFrontEnd = ImageFrontEnds.SslAlign,
            AudioFrontEnd = audio,
            AudioShape = [1, 1, audio.Rows, audio.Columns],
            Head = new HeadSettings { Id = HeadKind.Cosine, Temperature = temperature },
            ScoreRange = new ScoreRange(0, 1 / temperature),
        };
        var package = ModelPackage.Create(_folder.Path, manifest, new Dictionary<string, byte[]>
        {
            ["README.md"] = [],
            ["image.onnx"] = Graph(image, 3, manifest.ImageFrontEnd.Height, manifest.ImageFrontEnd.Width),
            ["audio.onnx"] = Graph(sound, 1, audio.Rows, audio.Columns),
        });

        // A mark at every column, so that the window ends where the clip ends.
        return new TwoStreamLocalizer(package, new LocalizerOptions(new LogLines()) { Device = "cpu", AudioEvery = TimeSpan.Zero });
    }

    private static byte[] Graph(Func<GraphBuilder, string, string> network, int channels, int height, int width)
    {
        var graph = new GraphBuilder("golden");
        graph.Output(network(graph, graph.Input("x", 1, channels, height, width)), "y");
        return graph.ToBytes();
    }

    private static string Project(GraphBuilder graph, string x, Dictionary<string, WeightTensor> weights, string layer) =>
        graph.Conv(x, layer, WeightTensor.Get(weights, layer + ".weight", 512, 512, 1, 1), weights[layer + ".bias"].Values);

    private static string Linear(GraphBuilder graph, string x, Dictionary<string, WeightTensor> weights, string layer) =>
        graph.Gemm(x, layer, WeightTensor.Get(weights, layer + ".weight", 512, 512), weights[layer + ".bias"].Values);
}
