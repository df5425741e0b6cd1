using System.Text.Json;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// What training goes on from: weights, and, of a package or a run that was trained here, the settings it was trained with and what it was judged on, so that one sees
/// what it forgets.
/// </summary>
/// <param name="Name">For people.</param>
/// <param name="Weights">The file.</param>
/// <param name="Past">How it was trained; null if that is not known.</param>
internal sealed record BaseModel(string Name, string Weights, PastTraining? Past)
{
    /// <summary>Finds it: a package, by name or folder, or a checkpoint.</summary>
    /// <exception cref="UsageException">There is none, or it cannot be trained on.</exception>
    public static BaseModel Find(string from)
    {
        if (File.Exists(from))
        {
            return new BaseModel(from, from, PastTraining.OfRun(Path.GetDirectoryName(Path.GetFullPath(from))!));
        }

        var package = Directory.Exists(from) ? ModelPackage.Load(from)
            : LocalizerFactory.Package(from, new LocalizerOptions(new QuietLog()) { ModelsFolder = new RunSettings().Inference.Models });
        if (!package.Manifest.Files.ContainsKey(WeightFile.Name))
        {
            throw new UsageException(
                $"--from {from}: the package has networks for running but no {WeightFile.Name} to train on; import it anew with --keep-weights, or give the checkpoint: "
                + $"--from FILE.pth --method {package.Manifest.Method}");
        }

        return new BaseModel(package.Manifest.Name, Path.Combine(package.Folder, WeightFile.Name), PastTraining.Of(package));
    }
}

/// <summary><c>training.json</c> of a package: how it was trained and what came of it.</summary>
internal sealed record PastTraining
{
    /// <summary>Its name in a package.</summary>
    public const string FileName = "training.json";

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Each <c>--data</c>; none where others trained it.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The settings, as a preset's text: with the data and the seed in them, what was held out can be made again.</summary>
    public required string Settings { get; init; }

    /// <summary>Steps of the optimizer, those of its base included.</summary>
    public long Steps { get; init; }

    /// <summary>The scores of what was exported.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>The model it went on from; null if it began from nothing.</summary>
    public string? From { get; init; }

    /// <summary>Of weights that others trained: how they are fed. How they are trained further is the method's preset's.</summary>
    /// <param name="method">One of <see cref="TrainingMethods.Names"/>.</param>
    /// <param name="source">The file.</param>
    /// <param name="feed">Image and audio front end, where they are other than those of the method's code.</param>
    /// <param name="momentum">Whether maps come from SLAVC's averages.</param>
    /// <exception cref="UsageException">That method cannot be trained.</exception>
    public static PastTraining Published(string method, string source, (string Image, string Audio)? feed = null, bool momentum = false)
    {
        if (!TrainingMethods.Names.Contains(method))
        {
            throw new UsageException($"--method {method}: cannot be trained here; there are {string.Join(", ", TrainingMethods.Names)}");
        }

        var paper = Presets.Read(method);
        var settings = paper with
        {
            Options = paper.Options with { MomentumMaps = momentum },
            Input = feed is { } own ? paper.Input with { Image = own.Image, Audio = own.Audio } : paper.Input,
        };
        return new PastTraining { Data = [], Settings = SettingsFile.Write(settings), Scores = new Dictionary<string, double>(), From = Path.GetFileName(source) };
    }

    /// <summary>Of a run's folder; null where it is none.</summary>
    public static PastTraining? OfRun(string folder) => File.Exists(Path.Combine(folder, TrainFolder.Settings)) && TrainRequest.Is(folder)
        ? new PastTraining { Data = TrainRequest.Load(folder).Data, Settings = File.ReadAllText(Path.Combine(folder, TrainFolder.Settings)), Scores = new Dictionary<string, double>() }
        : null;

    /// <summary>Of a package; null if it has none.</summary>
    public static PastTraining? Of(ModelPackage package) =>
        package.Manifest.Files.ContainsKey(FileName) ? JsonSerializer.Deserialize<PastTraining>(package.Read(FileName), Options) : null;

    /// <summary>The settings.</summary>
    public TrainSettings Read()
    {
        var settings = new TrainSettings();
        SettingsFile.Apply(FileName, Settings, settings);
        return settings;
    }

    /// <summary>As a file.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Options);
}
