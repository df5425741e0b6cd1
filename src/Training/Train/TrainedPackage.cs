using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Training.Train;

/// <summary>
/// What was trained as a package: the networks as ONNX by the method's own way of importing, run once, and beside them the weights that training can go on
/// from. It is made in a hidden folder and put in its place by one rename, so an engine that watches the place sees a whole package or none.
/// </summary>
public static class TrainedPackage
{
    /// <summary>Makes it.</summary>
    /// <param name="weights">The weights, as <see cref="WeightFile"/> writes them.</param>
    /// <param name="method">How they become networks.</param>
    /// <param name="folder">The package; its last part is the name.</param>
    /// <param name="replace">What is there already is kept under another name; otherwise it must not be there.</param>
    /// <param name="licence">SPDX identifier.</param>
    /// <param name="files">Further files by name; the card is one of them.</param>
    /// <param name="log">Progress.</param>
    /// <param name="utc">The time, for the name of what was there.</param>
    /// <exception cref="ImportException">It cannot be made; nothing was changed.</exception>
    public static ModelPackage Write(
        string weights, ImportMethod method, string folder, bool replace, string licence, IReadOnlyDictionary<string, byte[]> files, ILog log, DateTime utc)
    {
        var target = Path.GetFullPath(Path.TrimEndingDirectorySeparator(folder));
        Require(target, replace);
        var parent = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(parent);
        var stage = Path.Combine(parent, $".train.{Guid.NewGuid():n}");
        try
        {
            // What only the loss reads (momentum networks, classifiers) stays in the weights and out of the networks.
            var request = new ImportRequest(weights, method, Path.Combine(stage, Path.GetFileName(target))) { Licence = licence, AllowExtra = true };
            Directory.CreateDirectory(stage);
            var package = Importer.Run(request, log).With(WeightFile.Name, File.ReadAllBytes(weights));
            foreach (var (name, content) in files)
            {
                package = package.With(name, content);
            }

            Place(package.Folder, target, $"{target}.before-{utc:yyyyMMdd'T'HHmmss'Z'}");
            return ModelPackage.Load(target);
        }
        finally
        {
            if (Directory.Exists(stage))
            {
                Directory.Delete(stage, recursive: true);
            }
        }
    }

    private static void Place(string fresh, string target, string before)
    {
        var replaces = Directory.Exists(target);
        if (replaces)
        {
            Directory.Move(target, before);
        }

        try
        {
            Directory.Move(fresh, target);
        }
        catch when (replaces)
        {
            // A model that is in use must not vanish because its successor could not come.
            Directory.Move(before, target);
            throw;
        }
    }

    /// <summary>Whether it could be put there: asked before hours of training.</summary>
    /// <exception cref="ImportException">It could not.</exception>
    public static void Require(string folder, bool replace)
    {
        if (PackageWriter.NameRefusal(folder) is { } why)
        {
            throw new ImportException(why);
        }

        if (Path.Exists(folder) && !replace)
        {
            throw new ImportException($"{folder}: is there already; give another name, or --replace (what is there is kept beside it)");
        }
    }
}
