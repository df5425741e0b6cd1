using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>
/// Our own small two-stream network: a MobileNet for the picture and one for the sound, each without its last stride (14 x 14 cells), a projection of
/// both to 256 channels, the cosine. For small computers, at a fraction of ResNet-18's arithmetic; trained by this project, not published by others.
/// </summary>
internal static class Mobile
{
    internal const int Shared = 256;

    /// <summary>The method with MobileNetV3-Small.</summary>
    public static ImportMethod V3Small() => Make(
        "mobile", "MobileNetV3-Small", MobileNetV3SmallGraph.Channels, MobileNetV3SmallGraph.Keys, (g, x, w, p) => MobileNetV3SmallGraph.Add(g, x, w, p, lastStride: 1));

    /// <summary>The method with MobileNetV2.</summary>
    public static ImportMethod V2() => Make(
        "mobile-v2", "MobileNetV2", MobileNetV2Graph.Channels, MobileNetV2Graph.Keys, (g, x, w, p) => MobileNetV2Graph.Add(g, x, w, p, lastStride: 1));

    private static ImportMethod Make(
        string id,
        string trunk,
        int channels,
        Func<string, int, IEnumerable<WeightKey>> keys,
        Func<GraphBuilder, string, IReadOnlyDictionary<string, WeightTensor>, string, string> add) => new()
        {
            Id = id,
            Title = $"Two {trunk} trunks and a cosine (Realtime SSL's own)",
            Required =
            [
                .. keys("imgnet.", 3), .. WeightKey.Projection("img_proj", channels, Shared, overPicture: true),
                .. keys("audnet.", 1), .. WeightKey.Projection("aud_proj", channels, Shared, overPicture: false),
            ],
            Unused = ["imgnet.classifier.", "audnet.classifier."],
            Image = ImageFrontEnds.SslAlign,
            Audio = AudioFrontEnds.SslAlign,
            ImageNetwork = (graph, x, weights) => [new Layers(graph, weights, "").Biased(add(graph, x[0], weights, "imgnet."), "img_proj")],
            AudioNetwork = (graph, x, weights) =>
                [new Layers(graph, weights, "").Linear(graph.GlobalMaxPool(add(graph, x[0], weights, "audnet.")), "aud_proj")],
            Upsampling = HeatmapUpsampling.CvLinear,
            Scores = new ScoreRange(0, 1),
            Detection = new DetectionLimits(0.4f, 0.3f),
        };
}
