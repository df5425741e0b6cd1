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
            foreach (var name in LocalizerFactory.Available(new RunSettings().Inference.Models))
            {
                Console.WriteLine(name);
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

    private static ModelPackage Load(string name)
    {
        var bundled = LocalizerFactory.Roots(new RunSettings().Inference.Models).Select(root => Path.Combine(root, name));
        return ModelPackage.Load(bundled.FirstOrDefault(Directory.Exists) ?? name);
    }
}
