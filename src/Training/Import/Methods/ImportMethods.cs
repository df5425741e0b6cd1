using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>All methods that can be imported.</summary>
public static class ImportMethods
{
    private static readonly Func<bool, ImportMethod>[] All =
    [
        _ => CosineFamily.AvNet(
            "sslalign", "SSLalign (Senocak et al., ICCV 2023), github.com/kaistmm/SSLalignment", ImageFrontEnds.SslAlign, AudioFrontEnds.SslAlign),
        _ => CosineFamily.AvNet(
            "lvs", "LVS (Chen et al., CVPR 2021), github.com/hche11/Localizing-Visual-Sounds-the-Hard-Way", ImageFrontEnds.Lvs, AudioFrontEnds.Lvs,
            "Front ends are those of its own repository; SSLalign's tables were made with --image-front-end sslalign --audio-front-end sslalign."),
        _ => CosineFamily.AvNet(
            "ssl-tie", "SSL-TIE (Liu et al., ACM MM 2022), github.com/jinxiang-liu/SSL-TIE", ImageFrontEnds.Lvs, AudioFrontEnds.SslTie),
        _ => CosineFamily.EzVsl("ez-vsl", "EZ-VSL (Mo & Morgado, ECCV 2022), github.com/stoneMo/EZ-VSL"),
        _ => CosineFamily.EzVsl("fnac", "FNAC (Sun et al., CVPR 2023), github.com/OpenNLPLab/FNAC_AVL"),
        _ => CosineFamily.EzVsl("marginnce", "MarginNCE (Park et al., ICASSP 2023), in EZ-VSL's network"),
        momentum => CosineFamily.Slavc(momentum),
        _ => CosineFamily.AvNet(
            "hardpos", "HardPos (Senocak et al., ICASSP 2022), in LVS's network", ImageFrontEnds.Lvs, AudioFrontEnds.Lvs,
            "No code of its authors is public: that its checkpoints have LVS's names and front ends is assumed."),
        _ => HearTheFlow.Make(),
        _ => Sspl.Make(predictiveCoding: true),
        _ => Sspl.Make(predictiveCoding: false),
        _ => Attention.Make(),
        _ => FlowGrad.Channel(),
        _ => FlowGrad.Encoder(),
        _ => Mobile.V3Small(),
        _ => Mobile.V2(),
        _ => ObjectMap.Make(),
    ];

    /// <summary>Names of the methods, in the order of the manual.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(make => make(false).Id)];

    /// <summary>The method of that name.</summary>
    /// <param name="id">A name of <see cref="Names"/>.</param>
    /// <param name="momentum">Whether SLAVC's momentum networks are wanted.</param>
    /// <exception cref="ImportException">There is none; the message lists those that there are.</exception>
    public static ImportMethod ById(string id, bool momentum = false) =>
        All.Select(make => make(momentum)).FirstOrDefault(m => m.Id == id)
            ?? throw new ImportException($"method '{id}' is unknown; there are {string.Join(", ", Names)}");
}
