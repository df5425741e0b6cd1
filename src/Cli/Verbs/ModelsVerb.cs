using System.CommandLine;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>models</c>: the localizers there are; shows and verifies packages.</summary>
internal static class ModelsVerb
{
    public static Command Make()
    {
        var list = new Command("list", "Lists the built-in methods and the packages under models/.");
        list.SetAction(_ =>
        {
            var models = new RunSettings().Inference.Models;
            foreach (var name in LocalizerFactory.Available(models))
            {
                Console.WriteLine($"{name,-24} {Kind(Path.Combine(models, name))}".TrimEnd());
            }

            return 0;
        });

        var folder = new Argument<string>("PACKAGE") { Description = "name under models/, or a path" };
        var verify = new Command("verify", "Checks a package: manifest, hashes, shapes. Exit code 2 if anything is wrong.") { folder };
        verify.SetAction(parsed =>
        {
            var package = Load(parsed.GetValue(folder)!);
            Console.WriteLine($"{package.Manifest.Name} {package.Manifest.Version}: in order, sha256 {package.Sha256}");
            return 0;
        });

        var json = new Option<bool>("--json") { Description = "the manifest as it is" };
        var show = new Command("show", "Says what a package is: networks, head, limits, files, and its card.") { folder, json };
        show.SetAction(parsed =>
        {
            var package = Load(parsed.GetValue(folder)!);
            Console.WriteLine(parsed.GetValue(json)
                ? File.ReadAllText(Path.Combine(package.Folder, ModelPackage.ManifestName))
                : PackageReport.Of(package).TrimEnd());
            return 0;
        });
        return new Command("models", "Lists, shows and verifies localizers and model packages.") { list, show, verify };
    }

    /// <summary>Method and numbers of a package in a list: a package that is not in order is listed all the same, with the reason.</summary>
    private static string Kind(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return "built in";
        }

        try
        {
            var manifest = ModelPackage.ReadManifest(folder);
            return $"{manifest.Method}, {(manifest.Precision ?? ModelPrecision.Fp32).ToString().ToLowerInvariant()}";
        }
        catch (InferenceException e)
        {
            return $"not in order: {e.Message}";
        }
    }

    /// <summary>What <c>--model</c> takes for a package: its name, if it lies under models/.</summary>
    internal static string NameFor(ModelPackage package) =>
        Path.GetFullPath(Path.Combine(package.Folder, "..")) == Path.GetFullPath(new RunSettings().Inference.Models) ? package.Manifest.Name : package.Folder;

    /// <summary>A package by its name under models/, or by its path.</summary>
    internal static ModelPackage Load(string name)
    {
        var bundled = LocalizerFactory.Roots(new RunSettings().Inference.Models).Select(root => Path.Combine(root, name));
        return ModelPackage.Load(bundled.FirstOrDefault(Directory.Exists) ?? name);
    }
}
