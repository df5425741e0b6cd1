using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Import;

namespace RealtimeSsl.Training;

/// <summary>Writes a model package beside its place, runs it once, and puts it there by one rename: whatever goes wrong, no half package is left behind.</summary>
internal static class PackageWriter
{
    /// <summary>Why a package cannot be written there, before any work is done; null if it can.</summary>
    public static string? Refusal(string folder) =>
        NameRefusal(folder) ?? (Path.Exists(folder) ? $"{folder}: is there already; give another name, or remove it first" : null);

    /// <summary>What is wrong with the name that a package would have there; null if nothing is.</summary>
    public static string? NameRefusal(string folder)
    {
        var name = Path.GetFileName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(folder)));
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null
            : $"{folder}: a package's name has letters, digits, '-', '_' and '.' only; give another name";
    }

    /// <summary>Writes it.</summary>
    /// <param name="folder">Full path; not there yet.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="files">Contents by path within the package.</param>
    /// <param name="log">Progress.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="RealtimeSsl.Inference.InferenceException">It does not run.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static ModelPackage Write(string folder, ModelManifest manifest, Dictionary<string, byte[]> files, ILog log, CancellationToken stop)
    {
        // Beside its place, so that the rename stays within one file system.
        var fresh = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.{Guid.NewGuid():n}");
        try
        {
            ModelPackage.Create(fresh, manifest, files);
            stop.ThrowIfCancellationRequested();
            log.Info($"a picture and a sound by formula: {PackageCheck.Run(fresh, log)}");
            stop.ThrowIfCancellationRequested();
            Directory.Move(fresh, folder);
            return ModelPackage.Load(folder);
        }
        finally
        {
            if (Directory.Exists(fresh))
            {
                Directory.Delete(fresh, recursive: true);
            }
        }
    }
}
