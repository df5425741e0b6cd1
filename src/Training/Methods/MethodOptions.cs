namespace RealtimeSsl.Training.Methods;

/// <summary>What may be chosen of a method. The defaults are the papers' own; a method reads what it has and ignores the rest.</summary>
public sealed record MethodOptions
{
    /// <summary>Channels of the first layer: 64 in all published networks; fewer for small computers and tests.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Whether neighbours (semantically similar pictures and sounds) count as positives where the method knows that: SSLalign, HardPos.</summary>
    public bool Neighbours { get; init; } = true;

    /// <summary>SSLalign: with the alignment contrast. Without it, the ablation of the paper's tables.</summary>
    public bool Alignment { get; init; } = true;

    /// <summary>SSLalign: contrasts also within a modality, between its views (an option of its code, off by default).</summary>
    public bool Intra { get; init; }

    /// <summary>SLAVC: of the averages that follow the trained weights.</summary>
    public double Momentum { get; init; } = 0.999;

    /// <summary>SLAVC: heatmaps and exports from the averages (<c>use_mom_eval</c>) instead of from the trained weights.</summary>
    public bool MomentumMaps { get; init; }

    /// <summary>SLAVC, FNAC: share of the picture map's numbers that are dropped in training.</summary>
    public double Dropout { get; init; } = 0.9;

    /// <summary>MarginNCE: added to the positive's cosine as -margin; negative, so that a pair counts as found before it is the best.</summary>
    public double Margin { get; init; } = -0.2;

    /// <summary>HearTheFlow, SSPL, Attention: whether the pretrained parts stay as they are, as in the papers. Only with a base: random ones would, too.</summary>
    public bool Frozen { get; init; }

    /// <summary>SPM: which of its three ways to augment; B and C take neighbours of the sounds. The paper's best is C.</summary>
    public char SpmMode { get; init; } = 'C';

    /// <summary>SPM: clusters of the sounds; the paper's data has 11 classes.</summary>
    public int Clusters { get; init; } = 11;

    /// <summary>SPM: epochs in which the sound's trunk learns the clusters.</summary>
    public int ClusterEpochs { get; init; } = 10;

    /// <summary>Visual context: regions that each picture is divided into.</summary>
    public int Regions { get; init; } = 8;
}
