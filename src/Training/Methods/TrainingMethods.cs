using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Training.Methods;

/// <summary>All methods that can be trained.</summary>
public static class TrainingMethods
{
    private static readonly (string Id, Func<MethodOptions, TrainingMethod> Make)[] All =
    [
        ("sslalign", o => new SslAlignMethod(o)),
        ("lvs", o => new LvsMethod(o)),
        ("ez-vsl", o => new EzVslMethod(o)),
        ("slavc", o => new SlavcMethod(o)),
        ("fnac", o => new FnacMethod(o)),
        ("marginnce", o => new MarginNceMethod(o)),
        ("hardpos", o => new HardPosMethod(o)),
        ("ssl-tie", o => new SslTieMethod(o)),
        ("avol", o => new AvolMethod(o)),
        ("spm", o => new SpmMethod(o)),
        ("visual-context", o => new VisualContextMethod(o)),
        ("attention", o => new AttentionMethod(o)),
        ("sspl", o => new SsplMethod(o, predictiveCoding: true)),
        ("sspl-wo-pcm", o => new SsplMethod(o, predictiveCoding: false)),
        ("heartheflow", o => new HearTheFlowMethod(o)),
        ("mobile", o => new MobileMethod(o, second: false)),
        ("mobile-v2", o => new MobileMethod(o, second: true)),
        (CompactMethod.Name, _ => new CompactMethod()),
    ];

    /// <summary>Their names, in the order of the manual.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(m => m.Id)];

    /// <summary>Makes a method with fresh weights, drawn from libtorch's generator.</summary>
    /// <param name="id">One of <see cref="Names"/>.</param>
    /// <param name="options">What may be chosen; null for the papers' own.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message lists those that there are.</exception>
    public static TrainingMethod ById(string id, MethodOptions? options = null)
    {
        var found = Array.Find(All, m => m.Id == id);
        return found.Make is { } make
            ? make(options ?? new MethodOptions())
            : throw new ArgumentException($"method '{id}' is unknown; there are {string.Join(", ", Names)}", nameof(id));
    }

    /// <summary>What a method's weights become a package as, and which front ends its authors use.</summary>
    /// <param name="id">One of <see cref="Names"/>.</param>
    /// <param name="options">As it was made with.</param>
    public static ImportMethod Import(string id, MethodOptions options) => id switch
    {
        CompactMethod.Name => CompactMethod.Package(ImageFrontEnds.EzVsl, AudioFrontEnds.AvsLogMel64),

        // Networks of others, whose losses alone are theirs.
        "avol" => ImportMethods.ById("lvs", width: options.Width) with { Id = id, Title = "AVOL's loss (Arandjelovic & Zisserman, ECCV 2018) in LVS's network", Note = "" },
        "spm" => ImportMethods.ById("lvs", width: options.Width) with { Id = id, Title = "SPM (Li et al., Electronics 2023) in LVS's network", Note = "" },
        "visual-context" => ImportMethods.ById("ez-vsl", width: options.Width) with { Id = id, Title = "Visual context (WACV 2023) in EZ-VSL's network" },
        _ => ImportMethods.ById(id, options.MomentumMaps, options.Width),
    };
}
