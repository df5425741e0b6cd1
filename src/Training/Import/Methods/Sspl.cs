using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>
/// SSPL: VGG16's last map against VGGish's embedding, with or without the predictive coding module in between. Its weights are published as one file per
/// network, which are given together. The clip's samples are scaled by their own extremes, as its data loader does; live, the clip is the newest 3 s.
/// </summary>
internal static class Sspl
{
    /// <summary>The method.</summary>
    /// <param name="predictiveCoding">With the module (the paper's SSPL), or without.</param>
    /// <param name="width">Channels of the first layers; 64 in the published networks.</param>
    public static ImportMethod Make(bool predictiveCoding, int width = 64) => new()
    {
        Id = predictiveCoding ? "sspl" : "sspl-wo-pcm",
        Title = $"SSPL {(predictiveCoding ? "with" : "without")} its predictive coding module (Song et al., CVPR 2022), github.com/zjsong/SSPL",
        Note = $"Give the parts together: frame_best.pth sound_best.pth{(predictiveCoding ? " pcm_best.pth" : "")}.",
        Required =
        [
            .. Vgg16Graph.Keys("feat_extractor.", width), .. VggishGraph.Keys(width),
            .. WeightKey.Biased("fc.0", 8 * width, 2 * width), .. WeightKey.Biased("fc.2", 8 * width, 8 * width),
            .. predictiveCoding ? PredictiveCodingGraph.Keys(width) : [],
        ],
        Unused = ["projector.", "predictor.", .. predictiveCoding ? Array.Empty<string>() : ["PredProcess.", "ErrorProcess.", "BNPred", "BNError", "a0.", "b0."]],
        Image = ImageFrontEnds.Lvs,
        OneSize = predictiveCoding,
        Audio = AudioFrontEnds.Sspl,
        ImageInputs = predictiveCoding ? [ImageInput.Picture, ImageInput.Sound] : [ImageInput.Picture],
        SoundLength = predictiveCoding ? 2 * width : 0,
        ImageNetwork = (graph, x, weights) =>
        {
            var map = Vgg16Graph.Add(graph, x[0], weights, "feat_extractor.");
            return [predictiveCoding ? PredictiveCodingGraph.Add(graph, map, x[1], weights) : map];
        },
        AudioNetwork = (graph, x, weights) => Sound(graph, x[0], weights, predictiveCoding),
        Upsampling = HeatmapUpsampling.CvLinear,
        Scores = new ScoreRange(0, 1),
        Detection = new DetectionLimits(0.4f, 0.3f),
    };

    private static string[] Sound(GraphBuilder graph, string columns, IReadOnlyDictionary<string, WeightTensor> weights, bool predictiveCoding)
    {
        var (hop, count) = (AudioFrontEnds.Sspl.Hop, AudioFrontEnds.Sspl.Columns);
        var samples = graph.Reshape(graph.Transpose(columns, 0, 1, 3, 2), 1, 1, 1, hop * count);

        // To -1..1 by its own extremes.
        var above = graph.Subtract(samples, graph.Least(samples));
        var scaled = graph.Multiply(graph.Add(graph.Divide(above, graph.Add(graph.Largest(above), 1e-3f)), -0.5f), 2);

        var embeddings = VggishGraph.Add(graph, VggishGraph.Patches(graph, scaled, hop * count), weights);
        var layers = new Layers(graph, weights, "fc.");
        var heard = graph.Mean(layers.Linear(graph.Relu(layers.Linear(embeddings, "0")), "2"), 0);
        return predictiveCoding ? [heard, graph.Normalise(graph.Mean(embeddings, 0))] : [heard];
    }
}
