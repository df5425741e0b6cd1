namespace RealtimeSsl.Pipeline;

/// <summary>How a method's evaluation brings its coarse map to picture size, by the name that model packages use.</summary>
/// <param name="Id">Name.</param>
/// <param name="Kind">How values between cells are found.</param>
public sealed record HeatmapUpsampling(string Id, ResizeKind Kind)
{
    /// <summary>OpenCV's bilinear: SSLalign on VGG-SS, LVS.</summary>
    public static HeatmapUpsampling CvLinear { get; } = new("cv-linear", ResizeKind.Linear);

    /// <summary>OpenCV's bicubic: HearTheFlow.</summary>
    public static HeatmapUpsampling CvCubic { get; } = new("cv-cubic", ResizeKind.Cubic);

    /// <summary>torch's bilinear with align_corners=True: EZ-VSL's family, and SSLalign on all other sets.</summary>
    public static HeatmapUpsampling BilinearAligned { get; } = new("bilinear-aligned", ResizeKind.LinearAligned);

    /// <summary>torch's bicubic with align_corners=True.</summary>
    public static HeatmapUpsampling BicubicAligned { get; } = new("bicubic-aligned", ResizeKind.CubicAligned);

    /// <summary>torch's bicubic with align_corners=False: EZ-VSL's validation during training.</summary>
    public static HeatmapUpsampling Bicubic { get; } = new("bicubic", ResizeKind.Cubic);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HeatmapUpsampling> All { get; } = [CvLinear, CvCubic, BilinearAligned, BicubicAligned, Bicubic];

    /// <summary>The upsampling of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that there are.</exception>
    public static HeatmapUpsampling ById(string id) =>
        All.FirstOrDefault(u => u.Id == id)
        ?? throw new ArgumentException($"heatmap upsampling '{id}' is unknown; there are {string.Join(", ", All.Select(u => u.Id))}");
}
