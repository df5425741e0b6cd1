using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>All methods that can be imported.</summary>
public static class ImportMethods
{
    private const int PublishedWidth = 64;

    private static readonly Func<bool, int, ImportMethod>[] All =
    [
        (_, width) => CosineFamily.AvNet(
            "sslalign", "SSLalign (Senocak et al., ICCV 2023), github.com/kaistmm/SSLalignment", ImageFrontEnds.SslAlign, AudioFrontEnds.SslAlign, width: width, aligned: true),
        (_, width) => CosineFamily.AvNet(
            "lvs", "LVS (Chen et al., CVPR 2021), github.com/hche11/Localizing-Visual-Sounds-the-Hard-Way", ImageFrontEnds.Lvs, AudioFrontEnds.Lvs,
            "Front ends are those of its own repository; SSLalign's tables were made with --image-front-end sslalign --audio-front-end sslalign.", width),
        (_, width) => CosineFamily.AvNet(
            "ssl-tie", "SSL-TIE (Liu et al., ACM MM 2022), github.com/jinxiang-liu/SSL-TIE", ImageFrontEnds.Lvs, AudioFrontEnds.SslTie, width: width),
        (_, width) => CosineFamily.EzVsl("ez-vsl", "EZ-VSL (Mo & Morgado, ECCV 2022), github.com/stoneMo/EZ-VSL", width: width),
        (_, width) => CosineFamily.EzVsl("fnac", "FNAC (Sun et al., CVPR 2023), github.com/OpenNLPLab/FNAC_AVL", width: width),
        (_, width) => CosineFamily.EzVsl("marginnce", "MarginNCE (Park et al., ICASSP 2023), in EZ-VSL's network", width: width),
        (momentum, width) => CosineFamily.Slavc(momentum, width),
        (_, width) => CosineFamily.AvNet(
            "hardpos", "HardPos (Senocak et al., ICASSP 2022), in LVS's network", ImageFrontEnds.Lvs, AudioFrontEnds.Lvs,
            "No code of its authors is public: that its checkpoints have LVS's names and front ends is assumed.", width),
        (_, width) => HearTheFlow.Make(width),
        (_, width) => Sspl.Make(predictiveCoding: true, width),
        (_, width) => Sspl.Make(predictiveCoding: false, width),
        (_, width) => Attention.Make(width, width / 4),
        (_, _) => FlowGrad.Channel(),
        (_, _) => FlowGrad.Encoder(),
        (_, _) => Mobile.V3Small(),
        (_, _) => Mobile.V2(),
        (_, width) => ObjectMap.Make(width),
    ];

    /// <summary>Names of the methods, in the order of the manual.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(make => make(false, PublishedWidth).Id)];

    /// <summary>The method of that name.</summary>
    /// <param name="id">A name of <see cref="Names"/>.</param>
    /// <param name="momentum">Whether SLAVC's momentum networks are wanted.</param>
    /// <param name="width">Channels of the first layer, where the method has a choice.</param>
    /// <exception cref="ImportException">There is none; the message lists those that there are.</exception>
    public static ImportMethod ById(string id, bool momentum = false, int width = PublishedWidth) =>
        All.Select(make => make(momentum, width)).FirstOrDefault(m => m.Id == id)
            ?? throw new ImportException($"method '{id}' is unknown; there are {string.Join(", ", Names)}");
}
