using System.Text;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// A published checkpoint becomes a model package: read, held against the method, written as ONNX, run once, and only then put in its place by one rename.
/// Whatever goes wrong, no half package is left behind.
/// </summary>
public static class Importer
{
    private const string ProjectionsName = "projections.onnx";

    /// <summary>Imports a checkpoint.</summary>
    /// <param name="request">What, as what, where to.</param>
    /// <param name="log">Progress.</param>
    /// <param name="stop">Gives up; nothing is left behind.</param>
    /// <returns>The package.</returns>
    /// <exception cref="ImportException">It cannot be imported; nothing was written.</exception>
    public static ModelPackage Run(ImportRequest request, ILog log, CancellationToken stop = default)
    {
        var folder = Path.GetFullPath(Path.TrimEndingDirectorySeparator(request.Out));
        if (PackageWriter.Refusal(request.Out) is { } why)
        {
            throw new ImportException(why);
        }

        using var checkpoint = CheckpointSet.Open([request.Source, .. request.Others]);
        foreach (var file in checkpoint.Files)
        {
            log.Info(
                $"{file.Path}: {file.Layout}, {Megabytes(file.Length)}, {file.Tensors.Count} tensors"
                + (file.Container is { } container ? $" under '{container}'" : ""));
        }

        var weights = new CheckpointWeights(checkpoint, request.Method, request.AllowExtra, request.AllowMissing);
        log.Info($"{request.Method.Id}: {weights.Report.Used} tensors used, {weights.Report.Unused} not needed");
        foreach (var name in weights.Report.Extra.Concat(weights.Report.Missing))
        {
            log.Warn($"{request.Method.Id}: {(weights.Report.Extra.Contains(name) ? "ignored" : "missing, set as before training")}: {CheckpointFile.Printable(name)}");
        }

        var sha256 = checkpoint.Sha256();
        stop.ThrowIfCancellationRequested();
        var files = Networks(request.Method, weights, stop);
        var manifest = Manifest(request.Method, Path.GetFileName(folder), sha256[..12], request.Licence) with
        {
            Projections = files.ContainsKey(ProjectionsName) ? ProjectionsName : null,
        };
        if (request.Method.Projections is not null && manifest.Projections is null)
        {
            log.Info($"{request.Method.Id}: no projections in it, which only evaluate reads (retrieval)");
        }

        files[manifest.Card] = Encoding.UTF8.GetBytes(ModelCard.Write(request, checkpoint, weights.Report));
        if (request.KeepWeights)
        {
            files[WeightFile.Name] = checkpoint.ToSafetensors();
        }

        foreach (var (name, content) in request.Files)
        {
            files[name] = content;
        }

        log.Info(string.Join(", ", files.Where(f => f.Key != manifest.Card).Select(f => $"{f.Key} {Megabytes(f.Value.Length)}")));
        return Write(folder, manifest, files, checkpoint.Path, log, stop);
    }

    private static ModelPackage Write(
        string folder, ModelManifest manifest, Dictionary<string, byte[]> files, string source, ILog log, CancellationToken stop)
    {
        try
        {
            return PackageWriter.Write(folder, manifest, files, log, stop);
        }
        catch (InferenceException e)
        {
            throw new ImportException($"{source}: the package that came of it is not in order: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"{folder}: cannot be written ({e.Message})", e);
        }
    }

    /// <summary>What a package of this method says of itself.</summary>
    private static ModelManifest Manifest(ImportMethod method, string name, string version, string licence)
    {
        var joint = method.JointNetwork is not null;
        return new ModelManifest
        {
            Schema = ModelManifest.CurrentSchema,
            Name = name,
            Version = version,
            Method = method.Id,
            Licence = licence,
            Card = "README.md",
            Files = new Dictionary<string, string>(),
            ImageFrontEnd = method.Image,
            AudioFrontEnd = method.Audio,
            AudioShape = [1, 1, method.Audio.Rows, method.Audio.Columns],
            ImageInputs = method.ImageInputs is [ImageInput.Picture] ? null : method.ImageInputs,
            FlowFrontEnd = method.Flow,
            Trunks = joint ? new TrunkFiles { Joint = "joint.onnx" } : new TrunkFiles { Image = "image.onnx", Audio = "audio.onnx" },
            Head = joint
                ? new HeadSettings { Id = HeadKind.Joint }
                : new HeadSettings { Id = method.Head, AudioPool = AudioPool.None, Temperature = method.Temperature },
            Upsampling = method.Upsampling,
            ScoreRange = method.Scores,
            Detection = method.Detection,
        };
    }

    /// <summary>Its networks as ONNX, by file name.</summary>
    private static Dictionary<string, byte[]> Networks(ImportMethod method, CheckpointWeights weights, CancellationToken stop)
    {
        int[] picture = [1, 3, method.Image.Height, method.Image.Width], sound = [1, 1, method.Audio.Rows, method.Audio.Columns];
        var files = new Dictionary<string, byte[]>();
        Add("image.onnx", method.ImageNetwork, [.. method.ImageInputs.Select(input => input switch
        {
            ImageInput.Flow => ("flow", [1, method.Flow!.Planes, method.Image.Height, method.Image.Width]),
            ImageInput.Sound => ("sound", [1, method.SoundLength]),
            _ => ("picture", picture),
        })]);
        Add("audio.onnx", method.AudioNetwork, ("sound", sound));
        Add("joint.onnx", method.JointNetwork, ("picture", picture), ("sound", sound));
        if (method.Projections is { } heads && heads.Keys.All(k => weights.ContainsKey(k.Name)))
        {
            Add(ProjectionsName, heads.Network, ("picture", [1, heads.Channels]), ("sound", [1, heads.Channels]));
        }

        return files;

        void Add(string file, NetworkBuilder? network, params (string Name, int[] Shape)[] inputs)
        {
            if (network is not null)
            {
                stop.ThrowIfCancellationRequested();
                var graph = new GraphBuilder(Path.GetFileNameWithoutExtension(file));
                var outputs = network(graph, [.. inputs.Select(i => graph.Input(i.Name, i.Shape))], weights);
                for (var i = 0; i < outputs.Length; i++)
                {
                    graph.Output(outputs[i], i == 0 ? "result" : $"result{i + 1}");
                }

                files[file] = graph.ToBytes();
            }
        }
    }

    private static string Megabytes(long bytes) => $"{bytes / 1048576.0:0.0} MB";
}
