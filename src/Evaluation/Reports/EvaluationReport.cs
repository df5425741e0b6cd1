using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>report.json: everything that was measured, and what was wrong. Numbers that are none are null.</summary>
public sealed record EvaluationReport
{
    /// <summary>The schema of this file.</summary>
    public const string CurrentSchema = "realtimessl/evaluation-1";

    /// <summary><see cref="CurrentSchema"/>.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The method's name.</summary>
    public required string Model { get; init; }

    /// <summary>Hash of its package; null without one.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Which set.</summary>
    public required string Benchmark { get; init; }

    /// <summary>The annotation file.</summary>
    public required string Source { get; init; }

    /// <summary>Samples in the annotation.</summary>
    public required int Annotated { get; init; }

    /// <summary>Samples that have numbers.</summary>
    public required int Evaluated { get; init; }

    /// <summary>What was wrong: kinds, and the names concerned.</summary>
    public required IReadOnlyDictionary<string, List<string>> Problems { get; init; }

    /// <summary>What the numbers rest on.</summary>
    public required Conventions Conventions { get; init; }

    /// <summary>How maps were brought to size.</summary>
    public required string Upsampling { get; init; }

    /// <summary>Seed of strangers' sounds and noise.</summary>
    public required int Seed { get; init; }

    /// <summary>The method first, then the baselines.</summary>
    public required IReadOnlyList<SystemScores> Systems { get; init; }

    /// <summary>What the numbers mean, in sentences: above all where the method does not beat a baseline.</summary>
    public required IReadOnlyList<string> Verdicts { get; init; }

    /// <summary>What lights when nothing of the picture sounds; null where such maps are not there.</summary>
    public NegativeScores? Negatives { get; init; }

    /// <summary>Retrieval by what the heatmap compares (the backbone's embeddings); null without embeddings and classes.</summary>
    public BothWays? Retrieval { get; init; }

    /// <summary>Retrieval by the package's projections; null without them.</summary>
    public BothWays? RetrievalProjected { get; init; }

    /// <summary>Of a method with a map per class; null of others.</summary>
    public ClassAwareScores? ClassAware { get; init; }

    /// <summary>Alignment and magnitude; null without embeddings.</summary>
    public ModalityGap? Gap { get; init; }

    /// <summary>One line per sample.</summary>
    public required IReadOnlyList<SampleLine> Samples { get; init; }
}

/// <summary>The scores of the method or of a baseline.</summary>
public sealed record SystemScores
{
    /// <summary>Short name.</summary>
    public required string Name { get; init; }

    /// <summary>cIoU@0.5.</summary>
    public double CIoU { get; init; }

    /// <summary>Adaptive cIoU@0.5.</summary>
    public double CIoUAdaptive { get; init; }

    /// <summary>AUC.</summary>
    public double Auc { get; init; }

    /// <summary>Adaptive AUC.</summary>
    public double AucAdaptive { get; init; }

    /// <summary>IIoU.</summary>
    public double IIoU { get; init; }

    /// <summary>Adaptive IIoU.</summary>
    public double IIoUAdaptive { get; init; }

    /// <summary>IAUC.</summary>
    public double IAuc { get; init; }

    /// <summary>Adaptive IAUC.</summary>
    public double IAucAdaptive { get; init; }

    /// <summary>Mean IoU of the samples.</summary>
    public double MeanCIoU { get; init; }

    /// <summary>Mean adaptive IoU of the samples.</summary>
    public double MeanAdaptive { get; init; }

    /// <summary>Groups of IIoU.</summary>
    public int Groups { get; init; }

    /// <summary>Groups of a single sample, where IIoU tells nothing that cIoU does not.</summary>
    public int GroupsOfOne { get; init; }

    /// <summary>Success shares at 0, 0.05, ... 1.</summary>
    public IReadOnlyList<double> Curve { get; init; } = [];

    /// <summary>Success shares of the adaptive IoU.</summary>
    public IReadOnlyList<double> CurveAdaptive { get; init; } = [];

    /// <summary>By size of the ground truth: number of samples, cIoU, adaptive cIoU.</summary>
    public IReadOnlyDictionary<string, SizeScore> Sizes { get; init; } = new Dictionary<string, SizeScore>();

    /// <summary>Sets with pairs that do not sound: average precision; else null.</summary>
    public double? AP { get; init; }

    /// <summary>Sets with pairs that do not sound: best F1; else null.</summary>
    public double? MaxF1 { get; init; }

    /// <summary>Sets with pairs that do not sound: accuracy on those that do; else null.</summary>
    public double? LocAcc { get; init; }

    /// <summary>Sets with masks: mean IoU; else null.</summary>
    public double? MIoU { get; init; }

    /// <summary>Sets with masks: F-score; else null.</summary>
    public double? FScore { get; init; }

    /// <summary>MUSIC: share of IoU of at least 0.3, maps cut at a part of their maximum; else null.</summary>
    public double? CIoU03 { get; init; }

    /// <summary>MUSIC: area under that curve; else null.</summary>
    public double? Auc03 { get; init; }

    /// <summary>MUSIC: share of cIoU of at least 0.3, maps cut as on all other sets (the preset's threshold); else null.</summary>
    public double? CIoU03Cut { get; init; }
}

/// <summary>What DSOL (NeurIPS 2020) asks of a method with a map per class.</summary>
/// <param name="Samples">Those with maps and at least one box of a known class.</param>
/// <param name="CIoU03">Share of samples whose IoU, the mean over their sounding classes, is at least 0.3.</param>
/// <param name="Auc">Area under the curve of that share.</param>
/// <param name="MeanIoU">Mean of those IoU.</param>
/// <param name="Nsa">Non-sounding area: the mean, over samples with maps of silent classes, of the share of these that stays at 0.2 or below; not a number without any.</param>
/// <param name="Part">Part of its maximum at which a map is cut.</param>
public sealed record ClassAwareScores(int Samples, double CIoU03, double Auc, double MeanIoU, double Nsa, double Part);

/// <summary>Scores of the samples of one size.</summary>
public sealed record SizeScore(int Samples, double CIoU, double CIoUAdaptive);

/// <summary>What lights when nothing of the picture sounds.</summary>
/// <param name="Magnitudes">Extremes of the raw maps by sound: own, other, silence, noise.</param>
/// <param name="Thresholds">At each universal threshold.</param>
/// <param name="OwnBeatsOther">Share of samples whose own sound has more evidence than another clip's (ties count half); 0.5 is chance.</param>
public sealed record NegativeScores(IReadOnlyDictionary<string, Magnitudes> Magnitudes, IReadOnlyList<UniversalScore> Thresholds, double OwnBeatsOther);

/// <summary>At one universal threshold.</summary>
/// <param name="Name">Which.</param>
/// <param name="Threshold">On raw scores.</param>
/// <param name="MeanIoU">Mean IoU of the own sound's map, cut there.</param>
/// <param name="Lit">pIA by kind of negative: share of pixels above.</param>
/// <param name="LitAuc">Its area by kind: 1 stays dark.</param>
/// <param name="Alike">IoU of the own sound's lit area and the negative's.</param>
/// <param name="Balance">2ab / (a + b) of MeanIoU and 1 - pIA.</param>
public sealed record UniversalScore(
    string Name, double Threshold, double MeanIoU, IReadOnlyDictionary<string, double> Lit, IReadOnlyDictionary<string, double> LitAuc,
    IReadOnlyDictionary<string, double> Alike, IReadOnlyDictionary<string, double> Balance);

/// <summary>One sample.</summary>
/// <param name="Name">As annotated.</param>
/// <param name="Group">What IIoU grouped it by.</param>
/// <param name="Class">If known.</param>
/// <param name="Sounds">Whether anything sounds.</param>
/// <param name="Size">Of the ground truth.</param>
/// <param name="CIoU">Of the method.</param>
/// <param name="Adaptive">Of the method.</param>
/// <param name="SaliencyAdaptive">Of the image-only baseline.</param>
/// <param name="OtherAdaptive">Of the method with another clip's sound.</param>
public sealed record SampleLine(
    string Name, string Group, string? Class, bool Sounds, string Size, double CIoU, double Adaptive, double SaliencyAdaptive, double OtherAdaptive);
