using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// The presets of <c>configs/train</c>, which lie beside the program: a commented file of settings for each method, with the numbers of its paper. METHOD-cpu is
/// the same with <c>cpu.yaml</c> laid over it, and over that METHOD-cpu.yaml, where a method needs something else.
/// </summary>
internal static class Presets
{
    private const string Small = "cpu";
    private const string SmallSuffix = "-" + Small;

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "presets");

    /// <summary>Their names: those of the methods.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Where(n => n != Small && !n.EndsWith(SmallSuffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Reads a preset, or a file of settings.</summary>
    /// <param name="name">Its name, with or without <c>-cpu</c>, or a path that ends in .yaml.</param>
    /// <exception cref="UsageException">There is none; or a setting in it is wrong.</exception>
    public static TrainSettings Read(string name)
    {
        var settings = new TrainSettings();
        foreach (var file in Files(name))
        {
            SettingsFile.Read(file, settings);
        }

        return settings;
    }

    private static IEnumerable<string> Files(string name)
    {
        if (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
        {
            return File.Exists(name) ? [name] : throw Unknown(name);
        }

        var small = name.EndsWith(SmallSuffix, StringComparison.Ordinal);
        var method = small ? name[..^SmallSuffix.Length] : name;
        return !Names.Contains(method) ? throw Unknown(name)
            : small ? new[] { At(method), At(Small), At(name) }.Where(File.Exists)
            : [At(method)];

        static string At(string file) => Path.Combine(Folder, file + ".yaml");
    }

    private static UsageException Unknown(string name) => new(
        $"--preset {name}: no such preset; there are {string.Join(", ", Names)}, each also with {SmallSuffix} after it, or name a .yaml file of your own");

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
            if (past.Data.Count == 0)
            {
                // Others trained it: how it goes on is up to this computer.
                then = Read(Of(then.Method, TorchSharp.torch.cuda.is_available())) with { Options = then.Options, Input = then.Input };
            }

            var how = preset is null ? then with { Epochs = 10, Optimizer = then.Optimizer with { Rate = then.Optimizer.Rate / 10, Schedule = ScheduleKind.Constant, WarmupSteps = 0 } } : Read(preset);
            return how with { Tuning = how.Tuning with { StepsBefore = (int)Math.Min(past.Steps, int.MaxValue) }, Method = then.Method, Input = then.Input with { Stride = how.Input.Stride, MinPresence = how.Input.MinPresence, SyntheticPairs = how.Input.SyntheticPairs } };
        }

        method ??= CompactMethod.Name;
        return Names.Contains(method) || preset is not null
            ? Read(preset ?? Of(method, TorchSharp.torch.cuda.is_available()))
            : throw new UsageException($"--method {method}: unknown; there are {string.Join(", ", TrainingMethods.Names)}");
    }

    /// <summary>The preset of a method where none is named: the paper's on a GPU, the small one elsewhere. Our own compact network is a small one as it is.</summary>
    private static string Of(string method, bool gpu) => gpu || method == CompactMethod.Name ? method : method + SmallSuffix;
}
