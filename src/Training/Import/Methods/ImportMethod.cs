using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>A network to write: its input is named and shaped by the method, its layers by the builder.</summary>
/// <param name="graph">Where it is written.</param>
/// <param name="inputs">Names of its inputs.</param>
/// <param name="weights">The checkpoint's tensors; each is read when it is asked for.</param>
/// <returns>Names of its outputs.</returns>
public delegate string[] NetworkBuilder(GraphBuilder graph, string[] inputs, IReadOnlyDictionary<string, WeightTensor> weights);

/// <summary>Layers that project both sides' global vectors, which the heatmap does not need: written for retrieval if the checkpoint has them.</summary>
/// <param name="Channels">Length of the vectors.</param>
/// <param name="Keys">Their tensors: all of them, or there are no projections.</param>
/// <param name="Network">From the picture's and the sound's vector [1, Channels] to two vectors of length 1.</param>
public sealed record ProjectionLayers(int Channels, IReadOnlyList<WeightKey> Keys, NetworkBuilder Network);

/// <summary>
/// A published method as data: which tensors its checkpoints have, which networks they make, and how its authors feed and read them.
/// </summary>
public sealed record ImportMethod
{
    /// <summary>Name on the command line.</summary>
    public required string Id { get; init; }

    /// <summary>Name in the literature, and where its code is.</summary>
    public required string Title { get; init; }

    /// <summary>What the checkpoint must have.</summary>
    public required IReadOnlyList<WeightKey> Required { get; init; }

    /// <summary>Beginnings of the names that published files have and the heatmap does not need.</summary>
    public required IReadOnlyList<string> Unused { get; init; }

    /// <summary>Picture to tensor.</summary>
    public required ImageFrontEnd Image { get; init; }

    /// <summary>Whether its image network knows no other size than that of <see cref="Image"/>.</summary>
    public bool OneSize { get; init; }

    /// <summary>Sound to tensor.</summary>
    public required AudioFrontEnd Audio { get; init; }

    /// <summary>The image network, from <see cref="ImageInputs"/>; null if one network has both.</summary>
    public NetworkBuilder? ImageNetwork { get; init; }

    /// <summary>What the image network reads.</summary>
    public IReadOnlyList<ImageInput> ImageInputs { get; init; } = [ImageInput.Picture];

    /// <summary>Motion to tensor, if the image network reads it.</summary>
    public FlowFrontEnd? Flow { get; init; }

    /// <summary>Length of the audio network's last output, if the image network reads it.</summary>
    public int SoundLength { get; init; }

    /// <summary>What joins the two networks' outputs.</summary>
    public HeadKind Head { get; init; } = HeadKind.Cosine;

    /// <summary>The audio network; null if one network has both.</summary>
    public NetworkBuilder? AudioNetwork { get; init; }

    /// <summary>One network for both.</summary>
    public NetworkBuilder? JointNetwork { get; init; }

    /// <summary>What its training aligns global vectors with, beside the heatmap; null if nothing does.</summary>
    public ProjectionLayers? Projections { get; init; }

    /// <summary>Divides the cosine.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>How its evaluation enlarges the map.</summary>
    public required HeatmapUpsampling Upsampling { get; init; }

    /// <summary>How to read raw scores.</summary>
    public required ScoreRange Scores { get; init; }

    /// <summary>When there is a source, until the package is calibrated.</summary>
    public required DetectionLimits Detection { get; init; }

    /// <summary>What its user should know; a sentence of the model card.</summary>
    public string Note { get; init; } = "";
}
