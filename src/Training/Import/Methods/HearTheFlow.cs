using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>
/// HearTheFlow: the picture's map attends to the motion's (<see cref="CrossAttentionGraph"/>), and the cosine with the sound's vector is the heatmap. Three
/// ResNet-18 of stride 32, no projections; its variant without a flow network (<c>flowtype maxpool</c>) is not read.
/// </summary>
internal static class HearTheFlow
{
    private const int Cells = 7;

    /// <summary>Its motion front end: both directions as they are, over 255 as its code reads its 8-bit pictures.</summary>
    public static FlowFrontEnd Flow { get; } = new() { Channels = FlowChannels.Xy, Divisor = 255 };

    /// <summary>The method.</summary>
    /// <param name="width">Channels of the first layer; 64 in the published network.</param>
    public static ImportMethod Make(int width = 64) => new()
    {
        Id = "heartheflow",
        Title = "HearTheFlow (Fedorishin et al., WACV 2023), github.com/denfed/heartheflow",
        Note = "Its training saw the flow to the next frame as 8-bit pictures without negative values; here it is the flow from the previous frame, "
            + "of either sign. \"clip_like_authors\": true in model.json gives theirs.",
        Required =
        [
            .. ResNet18Graph.Keys("imgnet.", "conv1", 3, width), .. ResNet18Graph.Keys("audnet.", "conv1", 1, width),
            .. ResNet18Graph.Keys("flownet.", "conv1", 2, width), .. CrossAttentionGraph.Keys("flowatt.", 8 * width),
        ],
        Unused = ["imgnet.fc.", "audnet.fc.", "flownet.fc."],
        Image = ImageFrontEnds.EzVsl,
        OneSize = true,
        Audio = AudioFrontEnds.HearTheFlow,
        ImageInputs = [ImageInput.Picture, ImageInput.Flow],
        Flow = Flow,
        ImageNetwork = (graph, x, weights) =>
        {
            var picture = ResNet18Graph.Add(graph, x[0], weights, "imgnet.");
            var flow = ResNet18Graph.Add(graph, x[1], weights, "flownet.");
            return [CrossAttentionGraph.Add(graph, picture, flow, weights, "flowatt.", Cells, Cells)];
        },
        AudioNetwork = (graph, x, weights) => [graph.GlobalMaxPool(ResNet18Graph.Add(graph, x[0], weights, "audnet."))],
        Upsampling = HeatmapUpsampling.CvCubic,
        Scores = new ScoreRange(0, 1),

        // LVS's tri-map with its own margin: positive from 0.65, negative below 0.4.
        Detection = new DetectionLimits(0.65f, 0.525f),
    };
}
