using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Training.Methods;

/// <summary>SPM's three ways to augment (section 3.6 of its paper).</summary>
public enum SpmViews
{
    /// <summary>Another frame with its own sound.</summary>
    A,

    /// <summary>The frame with the most similar sound.</summary>
    B,

    /// <summary>Another frame with the most similar sound.</summary>
    C,
}

/// <summary>What may be chosen of a method. The defaults are the papers' own; a method reads what it has and ignores the rest.</summary>
public sealed record MethodOptions
{
    /// <summary>Channels of the first layer: 64 in all published networks; fewer for small computers and tests.</summary>
    [Range(1, 1024)]
    public int Width { get; init; } = 64;

    /// <summary>Whether neighbours (semantically similar pictures and sounds) count as positives where the method knows that: SSLalign, HardPos.</summary>
    public bool Neighbours { get; init; } = true;

    /// <summary>SSLalign: with the alignment contrast. Without it, the ablation of the paper's tables.</summary>
    public bool Alignment { get; init; } = true;

    /// <summary>SSLalign: contrasts also within a modality, between its views (an option of its code, off by default).</summary>
    public bool Intra { get; init; }

    /// <summary>SLAVC: of the averages that follow the trained weights.</summary>
    [Range(0.0, 1.0)]
    public double Momentum { get; init; } = 0.999;

    /// <summary>SLAVC: heatmaps and exports from the averages (<c>use_mom_eval</c>) instead of from the trained weights.</summary>
    public bool MomentumMaps { get; init; }

    /// <summary>SLAVC, FNAC: share of the picture map's numbers that are dropped in training.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.9;

    /// <summary>MarginNCE: added to the positive's cosine as -margin; negative, so that a pair counts as found before it is the best.</summary>
    [Range(-1.0, 1.0)]
    public double Margin { get; init; } = -0.2;

    /// <summary>HearTheFlow, SSPL, Attention: whether the pretrained parts stay as they are, as in the papers. Only with a base: random ones would, too.</summary>
    public bool Frozen { get; init; }

    /// <summary>SPM: which of its three ways to augment; B and C take neighbours of the sounds. The paper's best is C.</summary>
    public SpmViews SpmViews { get; init; } = SpmViews.C;

    /// <summary>SPM: clusters of the sounds; the paper's data has 11 classes.</summary>
    [Range(2, 10_000)]
    public int Clusters { get; init; } = 11;

    /// <summary>SPM: epochs in which the sound's trunk learns the clusters.</summary>
    [Range(0, 10_000)]
    public int ClusterEpochs { get; init; } = 10;

    /// <summary>Visual context: regions that each picture is divided into.</summary>
    [Range(2, 1024)]
    public int Regions { get; init; } = 8;
}
