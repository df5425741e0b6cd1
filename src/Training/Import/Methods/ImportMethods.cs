using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>All methods that can be imported, and why the others cannot.</summary>
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
        _ => ObjectMap.Make(),
    ];

    private static readonly Dictionary<string, string> NotYet = new()
    {
        ["heartheflow"] = "its network takes the optical flow as a third input, which no localizer here feeds yet",
        ["sspl"] = "its weights are in three or four files, and its sound is scaled by the whole clip's extremes, which a live stream does not have",
        ["attention"] = "its released file has no sound network (SoundNet's features were made by another program), so there is nothing that could hear",
    };

    /// <summary>Names of the methods, in the order of the manual.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(make => make(false).Id)];

    /// <summary>Names of the methods that are known and refused.</summary>
    public static IReadOnlyList<string> Refused { get; } = [.. NotYet.Keys];

    /// <summary>The method of that name.</summary>
    /// <param name="id">A name of <see cref="Names"/>.</param>
    /// <param name="momentum">Whether SLAVC's momentum networks are wanted.</param>
    /// <exception cref="ImportException">There is none, or it cannot be imported; the message says why.</exception>
    public static ImportMethod ById(string id, bool momentum = false)
    {
        if (NotYet.TryGetValue(id, out var reason))
        {
            throw new ImportException($"method '{id}' cannot be imported: {reason}; there are {string.Join(", ", Names)}");
        }

        return All.Select(make => make(momentum)).FirstOrDefault(m => m.Id == id)
            ?? throw new ImportException($"method '{id}' is unknown; there are {string.Join(", ", Names)}");
    }
}
