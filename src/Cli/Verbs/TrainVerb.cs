using System.CommandLine;
using RealtimeSsl.Cli.Learning;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>train</c>: teaches a network from scratch, or an existing model what this place looks and sounds like.</summary>
internal static class TrainVerb
{
    private const string Runs = "runs/train";

    private static readonly string Text = $"""
        Trains a network on pictures and the sounds that go with them; no labels are needed. What comes of it is a package that the engine runs, live if it is
        running. Each run has a new folder, {Runs}/<UTC time>-<name>: settings, checkpoints, metrics.csv, sheets of heatmaps. Ctrl-C ends cleanly.

        Methods, each a preset (configs/train) and one for a CPU, METHOD-cpu; any setting can be given, e.g. optimizer.rate=3e-4:
        {string.Join(", ", Presets.Names)}

        Examples:
          ./realtimessl train --data synthetic --out models/mine                     ten minutes from nothing to a model that follows the sound
          ./realtimessl train --data pictures-and-sounds --method sslalign --max-minutes 60 --out models/mine
          ./realtimessl train --from models/mine --data runs/20260101T120000Z-cam0 --freeze trunks --out models/here
                                                                                     on-site: goes on from a model, on what the camera recorded
          ./realtimessl train --resume                                               goes on where the last run was interrupted
          ./realtimessl run --source 0 --model mine                                  and see it live

        Several GPUs are not used: TorchSharp does not offer libtorch's process groups.
        """;

    public static Command Make(IReadOnlyList<(string Key, string Value)> dotted)
    {
        var data = new Option<string[]>("--data", "-d") { HelpName = "PATH", DefaultValueFactory = _ => [], Description = "run folders, CLASS/audio and CLASS/images, lists with media, videos, synthetic[:demo|duet]; may be given several times" };
        var method = new Option<string?>("--method", "-m") { HelpName = "M", Description = "the method (default: that of the preset, or of --from)" };
        var preset = new Option<string?>("--preset") { HelpName = "P", Description = "a preset, or a .yaml file of settings (default: the method's; without a GPU METHOD-cpu: the same with cpu laid over it)" };
        var from = new Option<string?>("--from") { HelpName = "MODEL", Description = "begin with the weights of a package that was trained here, was imported with --keep-weights, or of a published checkpoint" };
        var neighbours = new Option<string?>("--neighbours") { HelpName = "MODEL", Description = "sslalign: similar pictures and sounds by the embeddings of a package that was trained here" };
        var folder = new Option<string?>("--out", "-o") { HelpName = "DIR", Description = "the package, e.g. models/NAME; must not be there yet" };
        var epochs = new Option<string?>("--epochs") { HelpName = "N", Description = "passes over the data" };
        var batch = new Option<string?>("--batch") { HelpName = "N", Description = "pairs of a step" };
        var minutes = new Option<double?>("--max-minutes") { HelpName = "M", Description = "end after this long; what is best then is exported" };
        var freeze = new Option<string?>("--freeze") { HelpName = "PART", Description = "with --from: trunks, audio, image or none stay as they are" };
        var device = new Option<string?>("--device") { HelpName = "D", Description = "auto, cpu, cuda" };
        var threads = new Option<string?>("--threads") { HelpName = "N", Description = "threads of the arithmetic (all cores); 1 makes runs repeatable bit by bit" };
        var seed = new Option<string?>("--seed") { HelpName = "N", Description = "everything random follows from it" };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "name of the run (default: that of the package, or of the method)" };
        var licence = new Option<string>("--licence") { HelpName = "L", DefaultValueFactory = _ => "none", Description = "SPDX identifier of the weights' licence" };
        var replace = new Option<bool>("--replace") { Description = "put the package in the place of the one that is there, which is kept beside it; an engine that runs it takes the new one over" };
        var resume = new Option<string?>("--resume") { HelpName = "DIR", Arity = ArgumentArity.ZeroOrOne, Description = "go on with an interrupted run (default: the newest)" };
        var verb = new Command("train", Text) { data, method, preset, from, neighbours, folder, epochs, batch, minutes, freeze, device, threads, seed, name, licence, replace, resume };
        verb.SetAction((parsed, stop) =>
        {
            var clock = new MonotonicClock();
            var log = new ConsoleLog(clock, LogLevel.Info);
            (Option<string?> Option, string Key)[] keys =
                [(method, "method"), (epochs, "epochs"), (batch, "batch"), (freeze, "tuning.freeze"), (device, "compute.device"), (threads, "compute.threads"), (seed, "seed")];
            if (parsed.GetResult(resume) is not null)
            {
                var at = parsed.GetValue(resume) ?? Newest();
                var settings = new TrainSettings();
                SettingsFile.Read(Path.Combine(at, TrainFolder.Settings), settings);
                Apply(settings);
                return Task.FromResult(new TrainRun(TrainRequest.Load(at) with { MaxMinutes = parsed.GetValue(minutes) }, settings, new TrainFolder(at), resume: true, log, clock).Run(stop));
            }

            var wanted = parsed.GetValue(data)!;
            if (wanted.Length == 0)
            {
                throw new UsageException("train needs --data: run folders, pictures and sounds, videos, or synthetic; ./realtimessl train --help");
            }

            var request = new TrainRequest
            {
                Data = wanted, From = parsed.GetValue(from), Neighbours = parsed.GetValue(neighbours), Out = parsed.GetValue(folder), Licence = parsed.GetValue(licence)!, MaxMinutes = parsed.GetValue(minutes),
                Replace = parsed.GetValue(replace),
            };
            if (request.Out is { } place)
            {
                TrainedPackage.Require(place, request.Replace);
            }

            var fresh = Presets.For(parsed.GetValue(preset), parsed.GetValue(method), request.From is { } given ? Past(given, parsed.GetValue(method)) : null);
            Apply(fresh);

            // What cannot be fed is refused now, and not when it is exported.
            _ = Methods.Inputs(fresh);
            var title = parsed.GetValue(name) ?? (request.Out is { } o ? Path.GetFileName(Path.TrimEndingDirectorySeparator(o)) : fresh.Method);
            var run = TrainFolder.New(Runs, clock.ToUtc(clock.Now), title);
            run.WriteWhole(TrainFolder.Settings, System.Text.Encoding.UTF8.GetBytes(SettingsFile.Write(fresh)));
            request.Save(run);
            return Task.FromResult(new TrainRun(request, fresh, run, resume: false, log, clock).Run(stop));

            void Apply(TrainSettings settings)
            {
                foreach (var (option, key) in keys)
                {
                    if (parsed.GetValue(option) is { } value)
                    {
                        Set(settings, option.Name, key, value);
                    }
                }

                foreach (var (key, value) in dotted)
                {
                    Set(settings, "--" + key, key, value);
                }
            }
        });
        return verb;
    }

    private static void Set(TrainSettings settings, string option, string key, string value)
    {
        try
        {
            SettingsBinder.Set(settings, key, value);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{option} {value}: {e.Message}");
        }
    }

    /// <summary>How the base was trained; of a checkpoint, how its authors feed it.</summary>
    private static PastTraining Past(string from, string? method) => BaseModel.Find(from).Past
        ?? PastTraining.Published(method ?? throw new UsageException($"--from {from}: a checkpoint does not say of which method it is: add --method M"), from);

    private static string Newest() =>
        (Directory.Exists(Runs) ? Directory.EnumerateDirectories(Runs).Where(d => File.Exists(Path.Combine(d, "request.json"))).Order(StringComparer.Ordinal).LastOrDefault() : null)
        ?? throw new UsageException($"--resume: there is no run in {Runs}; name its folder");
}
