using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>
/// The object map of EZ-VSL's object-guided localization: where an ImageNet classifier sees anything, whatever is heard. The mean over the 512 channels of
/// ResNet-18's last map (which is not negative), 7 x 7.
/// </summary>
internal static class ObjectMap
{
    /// <summary>The method.</summary>
    public static ImportMethod Make(int width = 64) => new()
    {
        Id = "resnet18",
        Title = "Object map of OGL: ImageNet ResNet-18 (torchvision)",
        Note = "It sees objects and hears nothing: a guide for other methods, and the baseline that they must beat.",
        Required = [.. ResNet18Graph.Keys("", "conv1", 3, width)],
        Unused = ["fc."],
        Image = ImageFrontEnds.EzVsl,
        Audio = AudioFrontEnds.EzVsl,
        JointNetwork = (graph, x, weights) =>
        {
            var channels = 8 * width;
            var mean = new WeightTensor([1, channels, 1, 1], [.. Enumerable.Repeat(1f / channels, channels)]);
            return [graph.Conv(ResNet18Graph.Add(graph, x[0], weights, ""), "mean", mean, null)];
        },
        Upsampling = HeatmapUpsampling.BilinearAligned,

        // Means of trained networks lie about 0.5 on plain ground and 2 to 3 on objects.
        Scores = new ScoreRange(0, 3),
        Detection = new DetectionLimits(0.5f, 0.3f),
    };
}
