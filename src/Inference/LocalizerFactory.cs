using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference;

/// <summary>
/// From a name, as a person writes it, to a localizer: a built-in method, a package under models/, or a path to a package.
/// </summary>
public static class LocalizerFactory
{
    private static readonly Dictionary<string, Func<LocalizerOptions, ILocalizer>> BuiltIn = new()
    {
        ["synchrony"] = options => new SynchronyLocalizer(options.Synchrony, options.SilenceDbfs),
    };

    /// <summary>Makes the localizer of that name.</summary>
    /// <param name="name">
    /// A name of <see cref="Available"/>, or a folder that has a model.json. <c>NAME+GUIDE</c>: the first of these, guided by a package that sees
    /// objects (<see cref="ObjectGuidedLocalizer"/>); <c>NAME+flow</c>: where things move (<see cref="FlowFilteredLocalizer"/>), of NAME+GUIDE, too.
    /// </param>
    /// <param name="options">How it is to run.</param>
    /// <exception cref="InferenceException">There is none of that name, or its package is not in order.</exception>
    public static ILocalizer Create(string name, LocalizerOptions options)
    {
        if (Filtered(name, options) is { } unfiltered)
        {
            return new FlowFilteredLocalizer(Create(unfiltered, options));
        }

        if (Split(name, options) is not var (listener, looker))
        {
            return Single(name, options).Localizer;
        }

        var guide = Package(looker, options);
        var (inner, manifest) = Single(listener, options);
        try
        {
            return new ObjectGuidedLocalizer(inner, manifest, guide, options);
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }

    /// <summary>Names that <see cref="Create"/> knows: built-in methods first, then the packages of a folder.</summary>
    public static IReadOnlyList<string> Available(string modelsFolder)
    {
        var packages = Roots(modelsFolder).Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories).Where(IsPackage).Select(d => Path.GetFileName(d)!);
        return [.. BuiltIn.Keys, .. packages.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Folders of the packages that a name stands for, those that are there: whoever wants to know when they change looks at these.</summary>
    public static IReadOnlyList<string> Folders(string name, LocalizerOptions options)
    {
        name = Filtered(name, options) ?? name;
        string[] parts = Split(name, options) is var (listener, looker) ? [listener, looker] : [name];
        return [.. parts.Where(part => !BuiltIn.ContainsKey(part)).Select(part => Find(part, options)).OfType<string>()];
    }

    /// <summary>
    /// What <see cref="LocalizerInfo.Sha256"/> would be if the model were loaded now, from the manifests alone; null if one cannot be read at this moment, or
    /// there are no weights.
    /// </summary>
    public static string? Identity(string name, LocalizerOptions options)
    {
        name = Filtered(name, options) ?? name;
        if (Split(name, options) is not var (listener, looker))
        {
            return ManifestHash(name, options);
        }

        var inner = ManifestHash(listener, options);
        return (inner is not null || BuiltIn.ContainsKey(listener)) && ManifestHash(looker, options) is { } guide
            ? ObjectGuidedLocalizer.Hash(inner, guide)
            : null;
    }

    /// <summary>The package behind a name; null for what is no single package: a built-in method, or a localizer with a guide.</summary>
    /// <exception cref="InferenceException">There is none of that name, or it is not in order.</exception>
    public static ModelPackage? PackageOf(string name, LocalizerOptions options) =>
        BuiltIn.ContainsKey(name) || Filtered(name, options) is not null || Split(name, options) is not null ? null : Package(name, options);

    /// <summary>Whether a localizer looks at motion, and so needs a video rather than a picture.</summary>
    /// <exception cref="InferenceException">There is none of that name, or it is not in order.</exception>
    public static bool SeesMotion(string name, LocalizerOptions options) =>
        BuiltIn.ContainsKey(name) || Filtered(name, options) is not null || PackageOf(name, options) is { Manifest.FlowFrontEnd: not null };

    /// <summary>A folder of packages by its full path: in the current folder, or, if it is not there, beside the program.</summary>
    public static IReadOnlyList<string> Roots(string modelsFolder)
    {
        var here = Path.GetFullPath(modelsFolder);
        if (Path.IsPathRooted(modelsFolder))
        {
            return [here];
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var beside = Path.Combine(folder.FullName, modelsFolder);
            if (Directory.Exists(beside))
            {
                return beside == here ? [here] : [here, beside];
            }
        }

        return [here];
    }

    /// <summary>What stands before <c>+flow</c>; null if nothing is filtered, or a folder is called so.</summary>
    private static string? Filtered(string name, LocalizerOptions options) =>
        name.EndsWith(FlowFilteredLocalizer.Suffix, StringComparison.Ordinal) && Find(name, options) is null ? name[..^FlowFilteredLocalizer.Suffix.Length] : null;

    /// <summary>The two names of <c>NAME+GUIDE</c>; null if it is one. A folder may have a '+' in its name: what is there as a whole is meant as a whole.</summary>
    public static (string Listener, string Looker)? Split(string name, LocalizerOptions options)
    {
        var plus = name.LastIndexOf('+');
        return plus <= 0 || plus == name.Length - 1 || Filtered(name, options) is not null || Find(name, options) is not null ? null : (name[..plus], name[(plus + 1)..]);
    }

    private static string? ManifestHash(string name, LocalizerOptions options)
    {
        try
        {
            return Find(name, options) is { } folder ? ModelPackage.Hash(folder) : null;
        }
        catch (InferenceException)
        {
            return null;
        }
    }

    private static (ILocalizer Localizer, ModelManifest? Manifest) Single(string name, LocalizerOptions options)
    {
        if (BuiltIn.TryGetValue(name, out var make))
        {
            return (make(options), null);
        }

        var package = Package(name, options);
        ILocalizer localizer = package.Manifest.Head.Id == HeadKind.Joint ? new JointLocalizer(package, options) : new TwoStreamLocalizer(package, options);
        return (localizer, package.Manifest);
    }

    /// <summary>The package of that name, or at that path.</summary>
    /// <exception cref="InferenceException">There is none, or it is not in order.</exception>
    public static ModelPackage Package(string name, LocalizerOptions options)
    {
        var folder = Find(name, options) ?? (name.AsSpan().ContainsAny('/', '\\') ? name : null);
        return folder is not null
            ? ModelPackage.Load(folder)
            : throw new InferenceException(
                $"model '{name}': unknown; there are {string.Join(", ", Available(options.ModelsFolder))}, "
                + $"or give the path of a folder with a {ModelPackage.ManifestName}");
    }

    private static string? Find(string name, LocalizerOptions options)
    {
        return Roots(options.ModelsFolder).Select(root => Path.Combine(root, name)).FirstOrDefault(IsPackage) ?? (IsPackage(name) ? name : null);
    }

    private static bool IsPackage(string folder) => File.Exists(Path.Combine(folder, ModelPackage.ManifestName));
}
