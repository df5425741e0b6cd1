using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>
/// The methods whose heatmap is a cosine between two ResNet-18 trunks: LVS, SSLalign and SSL-TIE with maps of 14 x 14 and no projection; EZ-VSL, FNAC,
/// MarginNCE and SLAVC with maps of 7 x 7 and projections. The widths are the published ones unless a test wants smaller ones.
/// </summary>
internal static class CosineFamily
{
    /// <summary>Temperature of the EZ-VSL family.</summary>
    private const float Tau = 0.03f;

    /// <summary>LVS's own limits: positive from 0.65, negative below 0.4 (its tri-map); a pair is as likely as not half-way.</summary>
    private static readonly DetectionLimits TriMap = new(0.65f, 0.525f);

    /// <summary>Cosines that EZ-VSL's contrast tends to; it has no limit of its own.</summary>
    private static readonly DetectionLimits Contrast = new(0.4f, 0.3f);

    /// <summary>
    /// AVENet of LVS (layer 4 without stride, audio stem <c>conv1_a</c>, global max pool). Both trunks carry all three stems, of which one is used, and an
    /// ImageNet classifier, which is not; training code adds layers that only its loss reads.
    /// </summary>
    /// <param name="id">Name on the command line.</param>
    /// <param name="title">Name in the literature.</param>
    /// <param name="image">Picture to tensor.</param>
    /// <param name="audio">Sound to tensor.</param>
    /// <param name="note">What its user should know.</param>
    /// <param name="width">Channels of the first layer.</param>
    /// <param name="aligned">Whether its training aligns projections of both sides, too.</param>
    public static ImportMethod AvNet(string id, string title, ImageFrontEnd image, AudioFrontEnd audio, string note = "", int width = 64, bool aligned = false) => new()
    {
        Id = id,
        Title = title,
        Note = note,
        Required = [.. ResNet18Graph.Keys("imgnet.", "conv1", 3, width), .. ResNet18Graph.Keys("audnet.", "conv1_a", 1, width)],
        Projections = aligned ? Alignment(8 * width) : null,
        Unused =
        [
            "imgnet.conv1_a.", "imgnet.conv1_flow.", "imgnet.fc.", "audnet.conv1.", "audnet.conv1_flow.", "audnet.fc.",
            "img_proj.", "aud_proj.", "vision_fc1.", "conv3.", "norm3.",
        ],
        Image = image,
        Audio = audio,
        ImageNetwork = (graph, x, weights) => [ResNet18Graph.Add(graph, x[0], weights, "imgnet.", lastStride: 1)],
        AudioNetwork = (graph, x, weights) => [graph.GlobalMaxPool(ResNet18Graph.Add(graph, x[0], weights, "audnet.", "conv1_a", lastStride: 1))],
        Upsampling = HeatmapUpsampling.CvLinear,
        Scores = new ScoreRange(0, 1),
        Detection = TriMap,
    };

    /// <summary>SSLalign's second space (AlignmentNet): a linear layer over the maximum of each side's map. Files for its test program lack it.</summary>
    private static ProjectionLayers Alignment(int channels) => new(
        channels,
        [.. WeightKey.Projection("img_proj", channels, channels, overPicture: false), .. WeightKey.Projection("aud_proj", channels, channels, overPicture: false)],
        (graph, x, weights) =>
        {
            var layers = new Layers(graph, weights, "");
            return [graph.Normalise(layers.Linear(x[0], "img_proj")), graph.Normalise(layers.Linear(x[1], "aud_proj"))];
        });

    /// <summary>EZ-VSL's network, which FNAC and MarginNCE train otherwise: a projection after each of torchvision's trunks.</summary>
    public static ImportMethod EzVsl(string id, string title, string note = "", int width = 64) => new()
    {
        Id = id,
        Title = title,
        Note = note,
        Required =
        [
            .. ResNet18Graph.Keys("imgnet.", "conv1", 3, width), .. WeightKey.Projection("img_proj", 8 * width, 8 * width, overPicture: true),
            .. ResNet18Graph.Keys("audnet.", "conv1", 1, width), .. WeightKey.Projection("aud_proj", 8 * width, 8 * width, overPicture: false),
        ],
        Unused = ["imgnet.fc.", "audnet.fc."],
        Image = ImageFrontEnds.EzVsl,
        Audio = AudioFrontEnds.EzVsl,
        ImageNetwork = (graph, x, weights) =>
            [new Layers(graph, weights, "").Biased(ResNet18Graph.Add(graph, x[0], weights, "imgnet."), "img_proj")],
        AudioNetwork = (graph, x, weights) =>
            [new Layers(graph, weights, "").Linear(graph.GlobalMaxPool(ResNet18Graph.Add(graph, x[0], weights, "audnet.")), "aud_proj")],
        Temperature = Tau,
        Upsampling = HeatmapUpsampling.BilinearAligned,
        Scores = new ScoreRange(0, 1 / Tau),
        Detection = Contrast,
    };

    /// <summary>
    /// SLAVC: two pairs of projections and the mean of two cosines, which is the cosine of the joined unit vectors. The file has everything twice: as
    /// trained, and as a moving average (<c>momentum_</c>).
    /// </summary>
    /// <param name="momentum">Whether the averages are taken. The published test command takes the trained ones.</param>
    /// <param name="width">Channels of the first layer.</param>
    public static ImportMethod Slavc(bool momentum, int width = 64)
    {
        var (p, other) = momentum ? ("momentum_", "") : ("", "momentum_");
        string[] parts = ["imgnet.", "audnet.", "img_proj1.", "img_proj2.", "aud_proj1.", "aud_proj2."];
        return new ImportMethod
        {
            Id = "slavc",
            Title = "SLAVC (Mo & Morgado, NeurIPS 2022), github.com/stoneMo/SLAVC",
            Note = momentum
                ? "The momentum networks were taken (the training command's use_mom_eval)."
                : "The online networks were taken, as the published test command does; --momentum takes the others.",
            Required =
            [
                .. ResNet18Graph.Keys(p + "imgnet.", "conv1", 3, width),
                .. WeightKey.Projection(p + "img_proj1", 8 * width, 8 * width, overPicture: true), .. WeightKey.Projection(p + "img_proj2", 8 * width, 8 * width, overPicture: true),
                .. ResNet18Graph.Keys(p + "audnet.", "conv1", 1, width),
                .. WeightKey.Projection(p + "aud_proj1", 8 * width, 8 * width, overPicture: false), .. WeightKey.Projection(p + "aud_proj2", 8 * width, 8 * width, overPicture: false),
            ],
            Unused = [.. parts.Select(part => other + part), p + "imgnet.fc.", p + "audnet.fc."],
            Image = ImageFrontEnds.EzVsl,
            Audio = AudioFrontEnds.EzVsl,
            ImageNetwork = (graph, x, weights) =>
            {
                var map = ResNet18Graph.Add(graph, x[0], weights, p + "imgnet.");
                var layers = new Layers(graph, weights, p);
                return [graph.Concat(graph.Normalise(layers.Biased(map, "img_proj1")), graph.Normalise(layers.Biased(map, "img_proj2")))];
            },
            AudioNetwork = (graph, x, weights) =>
            {
                var heard = graph.GlobalMaxPool(ResNet18Graph.Add(graph, x[0], weights, p + "audnet."));
                var layers = new Layers(graph, weights, p);
                return [graph.Concat(graph.Normalise(layers.Linear(heard, "aud_proj1")), graph.Normalise(layers.Linear(heard, "aud_proj2")))];
            },
            Temperature = Tau,
            Upsampling = HeatmapUpsampling.BilinearAligned,
            Scores = new ScoreRange(0, 1 / Tau),
            Detection = Contrast,
        };
    }
}
