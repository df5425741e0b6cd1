using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Inference;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>
/// What is edited while the engine runs takes effect: the file of <c>--config</c>, and the package of the running model. What can be taken over between two
/// frames is; the rest is named with the hint that it needs a restart. A broken file changes nothing and is said, with line, key and value.
/// </summary>
/// <param name="settings">As they took effect.</param>
/// <param name="config">The file; null if there is none.</param>
/// <param name="read">Reads the settings anew, in the same way: defaults, file, command line.</param>
/// <param name="counters">Where broken files are counted: <c>config.refused</c>.</param>
/// <param name="log">Who is told.</param>
internal sealed class Reload(RunSettings settings, string? config, Func<RunSettings> read, Counters counters, ILog log)
{
    // Settings that a localizer is made with: one that changes makes a new localizer.
    private static readonly string[] OfModel = ["model", "device", "inference.", "synchrony."];
    private static readonly string[] OfEngine = ["detector.", "tracker."];
    private static readonly string[] OfPicture = ["overlay."];

    private RunSettings _known = settings;
    private volatile RunSettings _making = settings;

    /// <summary>The localizer of a name, with the settings of this moment.</summary>
    public ILocalizer Load(string name) => LocalizerFactory.Create(name, Options);

    /// <summary>Names of the localizers there are.</summary>
    public IReadOnlyList<string> Available() => LocalizerFactory.Available(_making.Inference.Models);

    /// <summary>The device that networks were asked to run on.</summary>
    public string Device => _making.Device;

    /// <summary>Loads the running model anew on another device.</summary>
    public async Task<ModelAnswer> MoveAsync(string device, ModelSwitch models)
    {
        var before = _making;
        _making = before with { Device = device };
        var answer = await models.LoadAsync(models.Selected).ConfigureAwait(false);
        if (answer.Error is not null)
        {
            _making = before;
        }

        return answer;
    }

    private LocalizerOptions Options => new(log)
    {
        ModelsFolder = _making.Inference.Models,
        Device = _making.Device,
        Threads = _making.Inference.Threads,
        Winograd = _making.Inference.Winograd,
        AudioEvery = TimeSpan.FromMilliseconds(_making.Inference.AudioEveryMs),
        SilenceDbfs = _making.Engine.SilenceDbfs,
        Synchrony = _making.Synchrony,
    };

    /// <summary>Watches until stopped.</summary>
    public Task RunAsync(ModelSwitch models, Engine engine, RecordingSink? video, CancellationToken stop)
    {
        var file = config is null
            ? Task.CompletedTask
            : new ContentWatch(() => [config]).RunAsync(() => ApplyAsync(models, engine, video), log, stop);
        var package = new ContentWatch(() => Files(models.Selected)).RunAsync(() => FollowAsync(models), log, stop);
        return Task.WhenAll(file, package);
    }

    /// <summary>The running model's files have changed: it is loaded anew, if it is another one now.</summary>
    private async Task FollowAsync(ModelSwitch models)
    {
        var name = models.Selected;
        if (LocalizerFactory.Identity(name, Options) is { } now && now != models.Current.Sha256)
        {
            log.Info($"model: the package of {name} has changed");
            await models.LoadAsync(name).ConfigureAwait(false);
        }
    }

    private IEnumerable<string> Files(string name)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        return LocalizerFactory.Folders(name, Options).SelectMany(f => Directory.EnumerateFiles(f, "*", everything)).Order(StringComparer.Ordinal);
    }

    private async Task ApplyAsync(ModelSwitch models, Engine engine, RecordingSink? video)
    {
        RunSettings wanted;
        try
        {
            wanted = read();
        }
        catch (UsageException e)
        {
            counters["config.refused"].Add();
            log.Warn($"{e.Message.ReplaceLineEndings("; ")}; the settings stay as they are");
            return;
        }

        var before = SettingsBinder.Flatten(_known).ToDictionary(s => s.Key, s => s.Value);
        var changed = SettingsBinder.Flatten(wanted).Where(s => !Equals(s.Value, before[s.Key])).ToList();
        _known = wanted;
        if (changed.Count == 0)
        {
            return;
        }

        engine.Apply(wanted.Detector, wanted.Tracker);
        if (video is not null)
        {
            video.Overlay = wanted.Overlay;
        }

        foreach (var (key, value) in changed.Where(c => !Belongs(c.Key, [.. OfModel, .. OfEngine, .. OfPicture])))
        {
            log.Warn($"{config}: {key}: {SettingsBinder.Format(value)} needs a restart; until then it stays {SettingsBinder.Format(before[key])}");
        }

        var live = changed.Where(c => Belongs(c.Key, [.. OfEngine, .. OfPicture])).Select(c => $"{c.Key} {SettingsBinder.Format(c.Value)}").ToList();
        if (live.Count > 0)
        {
            log.Info($"{config}: in effect: {string.Join(", ", live)}");
        }

        if (changed.Any(c => Belongs(c.Key, OfModel)))
        {
            await MakeAsync(wanted, models, changed.Any(c => c.Key == "model")).ConfigureAwait(false);
        }
    }

    private async Task MakeAsync(RunSettings wanted, ModelSwitch models, bool another)
    {
        var before = _making;
        _making = before with { Model = wanted.Model, Device = wanted.Device, Inference = wanted.Inference, Synchrony = wanted.Synchrony };
        var answer = await models.LoadAsync(another ? wanted.Model : models.Selected).ConfigureAwait(false);
        if (answer.Error is not null)
        {
            _making = before;
        }
    }

    private static bool Belongs(string key, string[] groups) => groups.Any(g => g.EndsWith('.') ? key.StartsWith(g, StringComparison.Ordinal) : key == g);
}
