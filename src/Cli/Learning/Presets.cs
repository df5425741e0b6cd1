using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Learning;

/// <summary>The presets of <c>configs/train</c>, which lie beside the program: a commented file of settings for each method, as in its paper, and one for a CPU.</summary>
internal static class Presets
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "presets");

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)] : [];

    /// <summary>Reads a preset, or a file of settings.</summary>
    /// <param name="name">Its name, or a path that ends in .yaml.</param>
    /// <exception cref="UsageException">There is none; or a setting in it is wrong.</exception>
    public static TrainSettings Read(string name)
    {
        var path = name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)
            ? name : Path.Combine(Folder, name + ".yaml");
        if (!File.Exists(path))
        {
            throw new UsageException($"--preset {name}: no such preset; there are {string.Join(", ", Names)}, or name a .yaml file of your own");
        }

        var settings = new TrainSettings();
        SettingsFile.Read(path, settings);
        return settings;
    }

    /// <summary>
    /// The settings that a run begins with: the preset that is named; those of the model it goes on from, with a tenth of its learning rate; else the preset of
    /// the method.
    /// </summary>
    public static TrainSettings For(string? preset, string? method, PastTraining? past)
    {
        if (past is not null)
        {
            // What the network is and what it is fed cannot change under trained weights.
            var then = past.Read();
            var how = preset is null ? then with { Epochs = 10, Optimizer = then.Optimizer with { Rate = then.Optimizer.Rate / 10, Schedule = ScheduleKind.Constant, WarmupSteps = 0 } } : Read(preset);
            return how with { Tuning = how.Tuning with { StepsBefore = (int)Math.Min(past.Steps, int.MaxValue) }, Method = then.Method, Input = then.Input with { Stride = how.Input.Stride, MinPresence = how.Input.MinPresence, SyntheticPairs = how.Input.SyntheticPairs } };
        }

        return Read(preset ?? Of(method ?? "compact", TorchSharp.torch.cuda.is_available())
            ?? throw new UsageException($"--method {method}: unknown; there are {string.Join(", ", RealtimeSsl.Training.Methods.TrainingMethods.Names)}"));
    }

    /// <summary>The preset of a method where none is named: the paper's on a GPU, the small one elsewhere; its own name if there is no other.</summary>
    public static string? Of(string method, bool gpu)
    {
        string[] wanted = gpu ? [method, method + "-cpu"] : [method + "-cpu", method];
        return wanted.FirstOrDefault(Names.Contains);
    }
}
