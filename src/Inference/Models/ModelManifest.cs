using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Models;

/// <summary>
/// <c>model.json</c>: everything the engine must know to run a model, so that nothing about a method is hidden in code. Keys are the
/// properties' names in snake_case; unknown keys are refused.
/// </summary>
public sealed record ModelManifest
{
    /// <summary>The schema that this program reads.</summary>
    public const string CurrentSchema = "realtimessl/model-1";

    /// <summary><see cref="CurrentSchema"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>Name in messages.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the weights.</summary>
    public required string Version { get; init; }

    /// <summary>The method, e.g. <c>sslalign</c>.</summary>
    public required string Method { get; init; }

    /// <summary>SPDX identifier of the weights' licence, or <c>none</c> where their authors gave none.</summary>
    public required string Licence { get; init; }

    /// <summary>The model card: what it was trained on, what it is good for, what not.</summary>
    public required string Card { get; init; }

    /// <summary>SHA-256 (hex) of every file of the package but this one, by path within the package.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Picture to tensor: the name of a known front end, or all of its parameters.</summary>
    public required ImageFrontEnd ImageFrontEnd { get; init; }

    /// <summary>Sound to tensor: the name of a known front end, or all of its parameters.</summary>
    public required AudioFrontEnd AudioFrontEnd { get; init; }

    /// <summary>Shape that the audio network takes: [1, 1, rows, columns]. A second look at the front end: it must agree.</summary>
    public required int[] AudioShape { get; init; }

    /// <summary>What the image network reads, in this order; by default the picture alone.</summary>
    public IReadOnlyList<ImageInput>? ImageInputs { get; init; }

    /// <summary>Motion to tensor; where the image network reads it.</summary>
    public FlowFrontEnd? FlowFrontEnd { get; init; }

    /// <summary>The networks.</summary>
    public required TrunkFiles Trunks { get; init; }

    /// <summary>
    /// A network for retrieval, which only evaluation reads: the maximum over the cells of the image network's map [1, C] and the sound's vector [1, C] to two
    /// vectors [1, D] of length 1. Without it, the method has no space beside the one of its heatmap.
    /// </summary>
    public string? Projections { get; init; }

    /// <summary>What joins them.</summary>
    public required HeadSettings Head { get; init; }

    /// <summary>How the method's evaluation brings the map to the picture's size, by name.</summary>
    public required HeatmapUpsampling Upsampling { get; init; }

    /// <summary>How to read raw scores.</summary>
    public required ScoreRange ScoreRange { get; init; }

    /// <summary>When there is a source.</summary>
    public required DetectionLimits Detection { get; init; }

    /// <summary>How a map of objects is mixed in (<c>--model NAME+GUIDE</c>); without it, as the method's authors do.</summary>
    public ObjectGuidance? ObjectGuidance { get; init; }

    /// <summary>Whether the picture's network reads the picture alone and the sound's the sound, so that each can be run by itself.</summary>
    public bool HasTwoTrunks => Head.Id is not (HeadKind.Joint or HeadKind.Scores) && ImageInputs is null or [ImageInput.Picture];

    /// <summary>Which numbers the networks compute with; without it, float32.</summary>
    public ModelPrecision? Precision { get; init; }

    /// <summary>SHA-256 (hex) of the package's manifest that this one was exported from; without it, it was not exported.</summary>
    public string? ExportedFrom { get; init; }

    /// <summary>Names of the classes, where the method tells classes apart.</summary>
    public IReadOnlyList<string>? Classes { get; init; }
}

/// <summary>Which numbers networks compute with. Inputs and outputs are float32 all the same.</summary>
public enum ModelPrecision
{
    /// <summary>Float32.</summary>
    Fp32,

    /// <summary>Half precision.</summary>
    Fp16,

    /// <summary>Bytes, of static ranges.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "That is what it is called.")]
    Int8,
}

/// <summary>The networks' files: an image and an audio trunk, or one network for both.</summary>
public sealed record TrunkFiles
{
    /// <summary>Picture (and motion, and sound) to map [1, C, rows, cols].</summary>
    public string? Image { get; init; }

    /// <summary>Spectrogram to map [1, C, h, w] or vector [1, C].</summary>
    public string? Audio { get; init; }

    /// <summary>Picture and spectrogram, in this order, to scores [1, 1, rows, cols] or [1, rows, cols].</summary>
    public string? Joint { get; init; }
}

/// <summary>What an image network reads.</summary>
public enum ImageInput
{
    /// <summary>The picture [1, 3, rows, cols].</summary>
    Picture,

    /// <summary>The optical flow that led to it [1, 1 or 2, rows, cols].</summary>
    Flow,

    /// <summary>The audio network's last output.</summary>
    Sound,
}

/// <summary>What joins image and audio.</summary>
public enum HeadKind
{
    /// <summary>Cosine per cell.</summary>
    Cosine,

    /// <summary>Softmax over the cells of the cosine's positive part; presence is the best cosine.</summary>
    [JsonStringEnumMemberName("soft-attention")]
    SoftAttention,

    /// <summary>None: a joint network gives the scores itself.</summary>
    Joint,

    /// <summary>
    /// None: the image network reads the sound and gives the scores [1, 1, rows, cols] itself, and as a second output [1, 1], if it has one, the evidence
    /// that sound and picture belong together.
    /// </summary>
    Scores,
}

/// <summary>How an audio map becomes one vector.</summary>
public enum AudioPool
{
    /// <summary>Maximum over all positions.</summary>
    Max,

    /// <summary>Mean over all positions.</summary>
    Mean,

    /// <summary>It is a vector already.</summary>
    None,
}

/// <summary>The head and its parameters.</summary>
public sealed record HeadSettings
{
    /// <summary>Which head.</summary>
    public required HeadKind Id { get; init; }

    /// <summary>How an audio map becomes one vector.</summary>
    public AudioPool AudioPool { get; init; } = AudioPool.Max;

    /// <summary>Divides the cosine; above 0.</summary>
    public float Temperature { get; init; } = 1;
}

/// <summary>How to read raw scores.</summary>
/// <param name="Low">Certainly not here.</param>
/// <param name="High">Certainly here.</param>
public sealed record ScoreRange(float Low, float High);

/// <summary>When there is a source; both on the scale of the score range, 0..1.</summary>
/// <param name="Threshold">A cell at or above it belongs to a source.</param>
/// <param name="Presence">
/// The picture's best cell at which sound and picture are as likely to belong together as not; of head soft-attention, its cosine; of head scores with
/// evidence, the evidence.
/// </param>
public sealed record DetectionLimits(float Threshold, float Presence);
