using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Cli.Benching.Against;

/// <summary>The same network on the other side: made or loaded there, imported here, and shown to give the same on the same inputs.</summary>
internal sealed class PyTorchModel(PyTorchChild child, string folder, CancellationToken stop)
{
    /// <summary>The method whose network is made when there is no checkpoint: two trunks of ResNet-18 without a stride in layer 4.</summary>
    public const string MadeMethod = "sslalign";

    /// <summary>Version of PyTorch; <see cref="LoadAsync"/> sets it.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Its linear algebra.</summary>
    public string? Blas { get; private set; }

    /// <summary>Its threads.</summary>
    public int Threads { get; private set; }

    /// <summary>Writes a checkpoint with random weights on that side, and imports it on ours.</summary>
    /// <returns>The checkpoint, and the folder of the package.</returns>
    public async Task<(string Checkpoint, string Package)> MakeAsync()
    {
        var (checkpoint, package) = (Path.Combine(folder, "random.pth"), Path.Combine(folder, "random"));
        if (!File.Exists(checkpoint))
        {
            await child.AskAsync(new JsonObject { ["do"] = "make", ["file"] = checkpoint, ["network"] = "avenet", ["seed"] = 1 }, stop).ConfigureAwait(false);
        }

        if (!Directory.Exists(package))
        {
            var request = new ImportRequest(checkpoint, ImportMethods.ById(MadeMethod), package) { Licence = "MIT" };
            Importer.Run(request, new QuietLog(), stop);
        }

        return (checkpoint, package);
    }

    /// <summary>Loads a checkpoint on that side.</summary>
    /// <exception cref="UsageException">There is no network of that method there.</exception>
    public async Task LoadAsync(string checkpoint, string method, int threads)
    {
        var network = method switch
        {
            "sslalign" or "lvs" or "ssl-tie" => "avenet",
            "ez-vsl" or "fnac" or "marginnce" => "ezvsl",
            _ => throw new UsageException($"--against pytorch: no network of the method '{method}' there; there are sslalign, lvs, ssl-tie, ez-vsl, fnac, marginnce"),
        };
        if (!File.Exists(checkpoint))
        {
            throw new UsageException($"--checkpoint {checkpoint}: not there");
        }

        var request = new JsonObject { ["do"] = "load", ["file"] = Path.GetFullPath(checkpoint), ["network"] = network, ["threads"] = threads };
        var answer = await child.AskAsync(request, stop).ConfigureAwait(false);
        (Version, Blas, Threads) = ((string)answer["version"]!, (string?)answer["blas"], (int)answer["threads"]!);
    }

    /// <summary>Feeds it what one of our models is fed.</summary>
    public async Task FeedAsync(TwoStreamStages ours, ModelManifest manifest)
    {
        var values = ours.Values;
        var (image, audio) = (Path.Combine(folder, "picture.f32"), Path.Combine(folder, "sound.f32"));
        await WriteAsync(image, values.Picture).ConfigureAwait(false);
        await WriteAsync(audio, values.Sound).ConfigureAwait(false);
        var front = manifest.ImageFrontEnd;
        var request = new JsonObject
        {
            ["do"] = "inputs", ["image"] = image, ["audio"] = audio,
            ["shapes"] = new JsonArray(new JsonArray(1, 3, front.Height, front.Width), new JsonArray([.. manifest.AudioShape.Select(d => (JsonNode)d)])),
        };
        await child.AskAsync(request, stop).ConfigureAwait(false);
        await child.AskAsync(new JsonObject { ["do"] = "outputs", ["folder"] = folder }, stop).ConfigureAwait(false);
    }

    /// <summary>Holds one of our models against it; both were fed the same.</summary>
    /// <exception cref="InferenceException">It is not the same network.</exception>
    public async Task<(Agreement Image, Agreement Audio, Agreement Map)> CompareAsync(string name, TwoStreamStages ours)
    {
        var values = ours.Values;
        var image = await AgreeAsync("image", values.Image).ConfigureAwait(false);
        var audio = await AgreeAsync("audio", values.Audio).ConfigureAwait(false);
        var map = await AgreeAsync("map", values.Map).ConfigureAwait(false);
        if ((ours.ImagePrecision == "fp32" && image.Difference > Agreement.Same) || (ours.AudioPrecision == "fp32" && audio.Difference > Agreement.Same))
        {
            throw new InferenceException(
                $"model '{name}' is not the network of the checkpoint: on one input their trunks differ by {image.Difference:0.0e+0} and {audio.Difference:0.0e+0} "
                + "of the largest value; import the checkpoint again");
        }

        return (image, audio, map);

        async Task<Agreement> AgreeAsync(string output, float[] our)
        {
            var their = MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(Path.Combine(folder, output + ".f32"), stop).ConfigureAwait(false)).ToArray();
            return their.Length == our.Length
                ? Agreement.Of(their, our)
                : throw new InferenceException($"model '{name}' is not the network of the checkpoint: its {output} has {our.Length} values, there {their.Length}");
        }
    }

    /// <summary>Times it.</summary>
    /// <returns>ms of each run, measured there.</returns>
    public async Task<double[]> TimesAsync(string what, int warm, int runs)
    {
        var answer = await child.AskAsync(new JsonObject { ["do"] = "time", ["what"] = what, ["warm"] = warm, ["runs"] = runs }, stop).ConfigureAwait(false);
        return [.. answer["ms"]!.AsArray().Select(ms => (double)ms!)];
    }

    private Task WriteAsync(string file, float[] values) => File.WriteAllBytesAsync(file, MemoryMarshal.AsBytes<float>(values).ToArray(), stop);
}
