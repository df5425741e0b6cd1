using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>
/// FlowGrad's two trained uses of motion (Singh et al., "FlowGrad: using motion for visual sound source localization", ICASSP 2023): as a fourth channel
/// of the picture (IC), and as a picture of its own whose map is multiplied in (EN). The third, a filter (H), needs no training: <c>--model NAME+flow</c>.
/// Their map is Grad-CAM's of RCGrad (Wu et al., "How to listen?", 2022), and since the target is the mean of that very map times the sound's vector, the
/// gradient is the vector itself: cam(p) = relu(sum_c a_c A_c(p)), stretched to 0..1. No gradient needs to be computed.
/// </summary>
internal static class FlowGrad
{
    /// <summary>Motion as a channel of the picture.</summary>
    /// <param name="width">Channels of the first layer; 64 in the published network.</param>
    public static ImportMethod Channel(int width = 64) => Make("flowgrad-ic", "as a fourth channel of the picture (FlowGrad-IC)", width) with
    {
        Required = [.. ResNet18Graph.Keys("image_encoder.", "conv1_flow", 4, width), .. ResNet18Graph.Keys("audio_encoder.", "conv1", 1, width)],
        ImageNetwork = (graph, x, weights) =>
        {
            var map = ResNet18Graph.Add(graph, graph.Concat(x[0], x[1]), weights, "image_encoder.", "conv1_flow", lastStride: 1);
            return [Cam(graph, map, x[2], width), Agreement(graph, map, x[2], width)];
        },
    };

    /// <summary>Motion as a picture of its own.</summary>
    /// <param name="width">Channels of the first layer; 64 in the published network.</param>
    public static ImportMethod Encoder(int width = 64) => Make("flowgrad-en", "by an encoder of its own (FlowGrad-EN)", width) with
    {
        Required =
        [
            .. ResNet18Graph.Keys("image_encoder.", "conv1", 3, width), .. ResNet18Graph.Keys("flow_encoder.", "conv1_flow", 1, width),
            .. ResNet18Graph.Keys("audio_encoder.", "conv1", 1, width),
        ],
        ImageNetwork = (graph, x, weights) =>
        {
            var map = ResNet18Graph.Add(graph, x[0], weights, "image_encoder.", lastStride: 1);
            var motion = ResNet18Graph.Add(graph, x[1], weights, "flow_encoder.", "conv1_flow", lastStride: 1);
            var both = graph.Multiply(Cam(graph, map, x[2], width), Cam(graph, motion, x[2], width));
            return [Stretch(graph, both), Agreement(graph, map, x[2], width)];
        },
    };

    private static ImportMethod Make(string id, string use, int width) => new()
    {
        Id = id,
        Title = $"FlowGrad, motion {use} (Singh et al., ICASSP 2023), github.com/rrrajjjj/flowgrad",
        Note = "Its map is stretched to 0..1, so that presence comes from the cosine of picture and sound as a whole. The evaluation's step that sets half of "
            + "the map to 0 is left out.",
        Required = [],
        Unused = ["image_encoder.", "flow_encoder.", "audio_encoder.", "loss"],
        Image = ImageFrontEnds.RcGrad,
        Audio = AudioFrontEnds.RcGrad,
        ImageInputs = [ImageInput.Picture, ImageInput.Flow, ImageInput.Sound],
        Flow = new FlowFrontEnd { Channels = FlowChannels.Magnitude, Offset = 5, Divisor = 200 },
        SoundLength = 8 * width,
        AudioNetwork = (graph, x, weights) => [Sound(graph, x[0], weights)],
        Head = HeadKind.Scores,
        Upsampling = HeatmapUpsampling.CvLinear,
        Scores = new ScoreRange(0, 1),
        Detection = new DetectionLimits(0.5f, 0.3f),
    };

    /// <summary>The spectrogram in units of its own deviation, one ResNet-18, the mean of its map.</summary>
    private static string Sound(GraphBuilder graph, string x, IReadOnlyDictionary<string, WeightTensor> weights)
    {
        var count = AudioFrontEnds.RcGrad.Rows * AudioFrontEnds.RcGrad.Columns;
        var centred = graph.Subtract(x, graph.Mean(x));
        var variance = graph.Multiply(graph.Mean(graph.Multiply(centred, centred)), (float)(count / (count - 1.0)));
        x = graph.Divide(centred, graph.Add(graph.Sqrt(variance), 1e-9f));
        return graph.GlobalAveragePool(ResNet18Graph.Add(graph, x, weights, "audio_encoder."));
    }

    private static string Cam(GraphBuilder graph, string map, string sound, int width)
    {
        var weighted = graph.MatMul(sound, graph.Reshape(map, 8 * width, -1));
        return Stretch(graph, graph.Reshape(graph.Relu(weighted), 1, 1, 14, 14));
    }

    private static string Stretch(GraphBuilder graph, string map)
    {
        var above = graph.Subtract(map, graph.Least(map));
        return graph.Divide(above, graph.Add(graph.Largest(above), 1e-7f));
    }

    /// <summary>Cosine of the picture's mean and the sound's vector: what training compared.</summary>
    private static string Agreement(GraphBuilder graph, string map, string sound, int width) => graph.MatMul(
        graph.Normalise(graph.GlobalAveragePool(map)), graph.Reshape(graph.Normalise(sound), 8 * width, 1));
}
