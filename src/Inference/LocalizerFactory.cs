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
        ["synchrony"] = options => new SynchronyLocalizer(options.Synchrony),
    };

    /// <summary>Makes the localizer of that name.</summary>
    /// <param name="name">
    /// A name of <see cref="Available"/>, or a folder that has a model.json. <c>NAME+GUIDE</c>: the first of these, guided by a package that sees
    /// objects (<see cref="ObjectGuidedLocalizer"/>).
    /// </param>
    /// <param name="options">How it is to run.</param>
    /// <exception cref="InferenceException">There is none of that name, or its package is not in order.</exception>
    public static ILocalizer Create(string name, LocalizerOptions options)
    {
        // A folder may have a '+' in its name: what is there as a whole is meant as a whole.
        var plus = name.LastIndexOf('+');
        if (plus <= 0 || plus == name.Length - 1 || Find(name, options) is not null)
        {
            return Single(name, options).Localizer;
        }

        var guide = Package(name[(plus + 1)..], options);
        var (inner, manifest) = Single(name[..plus], options);
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
        var packages = Directory.Exists(modelsFolder)
            ? Directory.EnumerateDirectories(modelsFolder).Where(IsPackage).Select(d => Path.GetFileName(d)!)
            : [];
        return [.. BuiltIn.Keys, .. packages.Order(StringComparer.Ordinal)];
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

    private static ModelPackage Package(string name, LocalizerOptions options)
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
        var bundled = Path.Combine(options.ModelsFolder, name);
        return IsPackage(bundled) ? bundled : IsPackage(name) ? name : null;
    }

    private static bool IsPackage(string folder) => File.Exists(Path.Combine(folder, ModelPackage.ManifestName));
}
