using System.Security.Cryptography;

namespace RealtimeSsl.Inference.Models;

/// <summary>
/// A model as a folder: <c>model.json</c> and the files it names, each with its hash. Anything that obeys the manifest runs in the engine;
/// nothing that does not is run by half. What is wrong is told in one line: file, key, value, reason, way out.
/// </summary>
public sealed class ModelPackage
{
    /// <summary>Name of the manifest.</summary>
    public const string ManifestName = "model.json";

    private ModelPackage(string folder, ModelManifest manifest, string sha256) => (Folder, Manifest, Sha256) = (folder, manifest, sha256);

    /// <summary>Where it lies.</summary>
    public string Folder { get; }

    /// <summary>What it is.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>SHA-256 (hex) of the manifest, and with it, since the manifest has the files' hashes, of the whole package.</summary>
    public string Sha256 { get; }

    /// <summary>Reads and checks a package, the hashes of all files included.</summary>
    /// <param name="folder">The folder that has <c>model.json</c>.</param>
    /// <exception cref="InferenceException">Something is missing or wrong.</exception>
    public static ModelPackage Load(string folder)
    {
        var (manifest, bytes) = Open(folder);
        var package = new ModelPackage(folder, manifest, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        foreach (var name in manifest.Files.Keys)
        {
            package.Read(name);
        }

        return package;
    }

    /// <summary>What <see cref="Sha256"/> would be if it were loaded now.</summary>
    /// <exception cref="InferenceException">There is no manifest, or it cannot be read.</exception>
    public static string Hash(string folder) =>
        Convert.ToHexStringLower(SHA256.HashData(ReadBytes(Path.Combine(folder, ManifestName), "a model package is a folder with a model.json")));

    /// <summary>Reads and checks a package's manifest alone: fast, and no word about its files.</summary>
    /// <param name="folder">The folder that has <c>model.json</c>.</param>
    /// <exception cref="InferenceException">Something in it is missing or wrong.</exception>
    public static ModelManifest ReadManifest(string folder) => Open(folder).Manifest;

    /// <summary>Writes a package: the files, and a manifest that has their hashes.</summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="manifest">The manifest; its <see cref="ModelManifest.Files"/> are replaced.</param>
    /// <param name="files">Contents by path within the package.</param>
    public static ModelPackage Create(string folder, ModelManifest manifest, IReadOnlyDictionary<string, byte[]> files)
    {
        var hashed = manifest with { Files = files.ToDictionary(f => f.Key, f => Convert.ToHexStringLower(SHA256.HashData(f.Value))) };
        ManifestRules.Check(Path.Combine(folder, ManifestName), hashed);
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }

        File.WriteAllBytes(Path.Combine(folder, ManifestName), ManifestJson.Write(hashed));
        return Load(folder);
    }

    /// <summary>
    /// Adds a file to a package, or replaces one that no network depends on. Whenever it is interrupted, what lies there is a valid package: the manifest
    /// first gives up the old file, and names the new one when it is there.
    /// </summary>
    /// <param name="name">Path within the package.</param>
    /// <param name="content">The file.</param>
    /// <returns>The package as it is now; its hash has changed.</returns>
    public ModelPackage With(string name, byte[] content)
    {
        var others = Manifest.Files.Where(f => f.Key != name).ToDictionary(f => f.Key, f => f.Value);
        if (Manifest.Files.ContainsKey(name))
        {
            Replace(ManifestName, ManifestJson.Write(Manifest with { Files = others }));
        }

        Replace(name, content);
        var files = new Dictionary<string, string>(others) { [name] = Convert.ToHexStringLower(SHA256.HashData(content)) };
        Replace(ManifestName, ManifestJson.Write(Manifest with { Files = files }));
        return Load(Folder);
    }

    private void Replace(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Reads a file of the package; the bytes returned are those that were checked.</summary>
    /// <param name="name">Path within the package, as in <see cref="ModelManifest.Files"/>.</param>
    /// <exception cref="InferenceException">It is missing, or not the file that the manifest was made with.</exception>
    public byte[] Read(string name)
    {
        var path = Path.Combine(Folder, name);
        var bytes = ReadBytes(path, $"{ManifestName} lists it under files: the package is incomplete, copy it again");
        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var expected = Manifest.Files[name];
        return actual.Equals(expected, StringComparison.OrdinalIgnoreCase)
            ? bytes
            : throw new InferenceException(
                $"{path}: SHA-256 is {actual}, {ManifestName} expects {expected}: "
                + "the file is damaged or was replaced; copy the package again");
    }

    private static (ModelManifest Manifest, byte[] Bytes) Open(string folder)
    {
        var file = Path.Combine(folder, ManifestName);
        var bytes = ReadBytes(file, "a model package is a folder with a model.json");
        var manifest = ManifestJson.Read(file, bytes);
        ManifestRules.Check(file, manifest);
        return (manifest, bytes);
    }

    private static byte[] ReadBytes(string path, string hint)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InferenceException($"{path}: not there; {hint}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException($"{path}: cannot be read ({e.Message})", e);
        }
    }
}
