using System.Security.Cryptography;
using System.Text;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Methods;

namespace RealtimeSsl.Training.Export;

/// <summary>What of a training becomes a package.</summary>
/// <param name="Method">The trained method.</param>
/// <param name="Import">How its weights become networks.</param>
/// <param name="Image">How pictures were brought to it.</param>
/// <param name="Audio">How sounds were.</param>
/// <param name="Out">Folder of the package; must not be there. Its last part is the package's name.</param>
public sealed record TrainedModel(TrainingMethod Method, ImportMethod Import, ImageFrontEnd Image, AudioFrontEnd Audio, string Out)
{
    /// <summary>When there is a source; null for the method's own limits, which are not calibrated.</summary>
    public DetectionLimits? Detection { get; init; }

    /// <summary>SPDX identifier of the weights' licence.</summary>
    public string Licence { get; init; } = "unknown";

    /// <summary>The model card, in Markdown: what it was trained on, how, and how good it is.</summary>
    public required string Card { get; init; }
}

/// <summary>
/// A trained method becomes a model package, from its state in memory by the same way as a published checkpoint does: held against the method's import,
/// written as ONNX, run once, put in its place by one rename.
/// </summary>
public static class PackageExport
{
    /// <summary>Writes it.</summary>
    /// <param name="request">What, and where to.</param>
    /// <param name="log">Progress.</param>
    /// <param name="stop">Gives up; nothing is left behind.</param>
    /// <exception cref="ImportException">It cannot be written; nothing was.</exception>
    public static ModelPackage Write(TrainedModel request, ILog log, CancellationToken stop = default)
    {
        if (PackageWriter.Refusal(request.Out) is { } why)
        {
            throw new ImportException(why);
        }

        var own = request.Import;
        var method = own with { Image = request.Image, Audio = request.Audio, Detection = request.Detection ?? own.Detection };
        var files = Importer.Networks(method, new StateWeights(request.Method.Network, method), stop);
        var folder = Path.GetFullPath(Path.TrimEndingDirectorySeparator(request.Out));
        var manifest = Importer.Manifest(method, Path.GetFileName(folder), Version(files), request.Licence);
        files[manifest.Card] = Encoding.UTF8.GetBytes(request.Card);
        try
        {
            return PackageWriter.Write(folder, manifest, files, log, stop);
        }
        catch (InferenceException e)
        {
            throw new ImportException($"{request.Out}: the trained network does not run as a package: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"{folder}: cannot be written ({e.Message})", e);
        }
    }

    /// <summary>Beginning of a hash of the networks: equal weights have an equal version.</summary>
    private static string Version(Dictionary<string, byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, content) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
