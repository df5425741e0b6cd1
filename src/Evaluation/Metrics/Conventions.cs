using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>Which pixels belong to the prediction.</summary>
public enum Comparison
{
    /// <summary>Above the threshold: SSLalign, SSL-TIE, HearTheFlow. A tied level at the threshold is left out as a whole.</summary>
    Above,

    /// <summary>At the threshold or above it: EZ-VSL, SLAVC, FNAC, ACL-SSL. A tied level is taken as a whole.</summary>
    AtLeast,

    /// <summary>LVS's own code: above the threshold, and whatever is 1 or more already, with its value as its weight.</summary>
    LvsOriginal,
}

/// <summary>Where the fixed threshold of a map lies.</summary>
public enum Threshold
{
    /// <summary>The upper median of its pixels: half of the picture is predicted, however small the object is.</summary>
    Median,

    /// <summary>0.5 of the map stretched to 0..1: SSPL, AVSBench, Coarse-to-Fine.</summary>
    Half,
}

/// <summary>Which samples have to be right together (IIoU).</summary>
public enum Grouping
{
    /// <summary>Those of the same picture, as the benchmark's reader knows it.</summary>
    Picture,

    /// <summary>SSLalign's: the file's name without its last part after '_'. All of Flickr is one group then.</summary>
    FileName,
}

/// <summary>What a sample counts that has no ground truth and no prediction (0/0).</summary>
public enum EmptyTruth
{
    /// <summary>A sample without ground truth says nothing about localization: left out, named, counted.</summary>
    LeaveOut,

    /// <summary>As the peers' code does: not a number, a failure at every threshold, and it makes IIoU and IAUC not a number as a whole.</summary>
    AsPeers,
}

/// <summary>How large the adaptive prediction is.</summary>
public enum AdaptiveArea
{
    /// <summary>As many pixels as the ground truth has that are not zero; a pixel of one annotator alone counts.</summary>
    NonZero,

    /// <summary>As many as the ground truth's sum; such a pixel counts half (ssl_kccv).</summary>
    Sum,
}

/// <summary>
/// What peers do differently, as named options: with another one the same map gets another number. Sources: methods' own code, as
/// docs/6-evaluation.md lists it.
/// </summary>
public sealed record Conventions
{
    /// <summary>Side of the grid that everything is computed on, in pixels; Coarse-to-Fine has 256.</summary>
    public const int Side = 224;

    /// <summary>Name of the preset, or <c>custom</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Which pixels belong to the prediction.</summary>
    public Comparison Comparison { get; init; }

    /// <summary>Where the fixed threshold lies.</summary>
    public Threshold Threshold { get; init; }

    /// <summary>How a coarse map becomes one of <see cref="Side"/>.</summary>
    public HeatmapUpsampling Upsampling { get; init; } = HeatmapUpsampling.CvLinear;

    /// <summary>On VGG-SS, where SSLalign's evaluation does otherwise than on all other sets; null: as <see cref="Upsampling"/>.</summary>
    public HeatmapUpsampling? VggSsUpsampling { get; init; }

    /// <summary>Which samples have to be right together.</summary>
    public Grouping Grouping { get; init; }

    /// <summary>What a sample without ground truth counts.</summary>
    public EmptyTruth EmptyTruth { get; init; }

    /// <summary>How large the adaptive prediction is.</summary>
    public AdaptiveArea AdaptiveArea { get; init; }

    /// <summary>Sound shorter than this is repeated, longer is cut, before its middle is taken, in seconds; 0: the sound as it is.</summary>
    public double ClipSeconds { get; init; }

    /// <summary>Averages and maxima are taken per batch of this many images and then averaged, as AVSBench's code does; 0: over the whole set.</summary>
    public int AvsBatch { get; init; }

    /// <summary>
    /// The default: the geometry of pixels (half-pixel centres), groups by picture, and nothing that is not a number: a sample without ground truth is
    /// left out and named, a map that is not finite or constant is a failure and named.
    /// </summary>
    public static Conventions Standard { get; } = new() { Id = "standard" };

    /// <summary>SSLalign's evaluation of all methods: strict, OpenCV's bilinear on VGG-SS and torch's aligned one elsewhere.</summary>
    public static Conventions SslAlign { get; } = new()
    {
        Id = "sslalign", Upsampling = HeatmapUpsampling.BilinearAligned, VggSsUpsampling = HeatmapUpsampling.CvLinear,
        Grouping = Grouping.FileName, EmptyTruth = EmptyTruth.AsPeers, ClipSeconds = 10,
    };

    /// <summary>LVS's own code.</summary>
    public static Conventions Lvs { get; } = new()
    {
        Id = "lvs", Comparison = Comparison.LvsOriginal, Grouping = Grouping.FileName, EmptyTruth = EmptyTruth.AsPeers, ClipSeconds = 10,
    };

    /// <summary>SLAVC's own code (EZ-VSL's and FNAC's but for the upsampling, which is bilinear there).</summary>
    public static Conventions Slavc { get; } = new()
    {
        Id = "slavc", Comparison = Comparison.AtLeast, Upsampling = HeatmapUpsampling.BicubicAligned, Grouping = Grouping.FileName,
        EmptyTruth = EmptyTruth.AsPeers,
    };

    /// <summary>AVSBench's segmentation: 0.5 of the map; its batch-size trap is off, <see cref="AvsBatch"/> turns it on.</summary>
    public static Conventions AvsBench { get; } = new()
    {
        Id = "avsbench", Threshold = Threshold.Half, Upsampling = HeatmapUpsampling.BilinearAligned, ClipSeconds = 5,
    };

    /// <summary>All presets.</summary>
    public static IReadOnlyList<Conventions> All { get; } = [Standard, SslAlign, Lvs, Slavc, AvsBench];

    /// <summary>The preset of that name.</summary>
    /// <exception cref="EvaluationException">There is none; the message lists those that there are.</exception>
    public static Conventions ById(string id) =>
        All.FirstOrDefault(c => c.Id == id)
        ?? throw new EvaluationException($"--preset {id}: unknown; there are {string.Join(", ", All.Select(c => c.Id))}");

    /// <summary>The group of a file's name under <see cref="Grouping.FileName"/>, as SSLalign's code has it.</summary>
    public static string GroupOf(string name)
    {
        var file = name[(name.LastIndexOf('/') + 1)..].Replace(".jpg", "", StringComparison.Ordinal);
        return file[..Math.Max(0, file.LastIndexOf('_'))];
    }
}
