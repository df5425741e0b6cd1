using System.Globalization;
using System.Text;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// One training run from its request to its package: data, method, judge, loop, export; on-site, what the base knew is judged before and after.
/// </summary>
internal sealed class TrainRun(TrainRequest request, TrainSettings settings, TrainFolder folder, bool resume, ConsoleLog log, IClock clock)
{
    private const string Cache = "runs/train/cache";
    private static readonly TimeSpan Telling = TimeSpan.FromSeconds(15);
    private TimeSpan _told = TimeSpan.MinValue;

    /// <summary>Does it all.</summary>
    /// <returns>The exit code.</returns>
    public int Run(CancellationToken stop)
    {
        var device = Devices.Of(settings.Compute.Device, log);
        try
        {
            set_num_threads(settings.Compute.Threads > 0 ? settings.Compute.Threads : Environment.ProcessorCount);
        }
        catch (DllNotFoundException e)
        {
            throw new UsageException(e.Message);
        }

        var (image, audio) = Methods.Inputs(settings);
        using var seeded = manual_seed(settings.Seed);
        using var method = Methods.Make(settings);
        var from = request.From is { } named ? BaseModel.Find(named) : null;
        if (from is not null)
        {
            var (read, missing) = WeightFile.Load(from.Weights, method.Network);
            log.Info($"{from.Name}: {read} tensors read{(missing.Count > 0 ? $", {missing.Count} stay at random: {string.Join(", ", missing.Take(4))}{(missing.Count > 4 ? ", ..." : "")}" : "")}");
        }

        else if (!resume && method.Pretrained.Count > 0)
        {
            log.Warn($"{method.Id}: its paper begins with {string.Join(" and ", method.Pretrained.Select(p => p.TrimEnd('.')))} trained elsewhere; here they begin at random (--from gives them)");
        }

        method.Network.to(device);
        using var data = TrainData.Load(request.Data, settings, image, audio, Cache, clock, log, stop);
        foreach (var line in data.Report)
        {
            log.Info(line);
        }

        using var judge = Judge(data, settings, device);
        using var past = Past(from, stop);
        var known = Remember(past, from, method, device, stop);
        if (from is not null && !resume)
        {
            Say("before", Judged(judge, method, stop));
        }

        var (pictures, sounds) = Similar(data, method);
        using var loader = new BatchLoader(Learned(data, past), method.Views(image, audio, pictures, sounds), settings.Batch, settings.Seed, settings.Compute.Loaders);
        if (method.Prepares && !resume)
        {
            method.Prepare(() => Sounds(data.Training, image, audio, device), log, stop);
        }

        using var trainer = new Trainer(method, loader, settings, folder, judge, clock, log, device)
        {
            Limit = request.MaxMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
            Progress = Tell,
        };
        log.Info(FormattableString.Invariant(
            $"{method.Id}: {method.Network.parameters().Sum(p => p.numel()) / 1e6:0.00} M weights, {loader.Steps} batches of {settings.Batch} in an epoch; {folder.Path}"));
        if (resume)
        {
            var state = trainer.Resume();
            log.Info($"goes on in epoch {state.Epoch + 1} after batch {state.Batch}");
        }

        var outcome = trainer.Run(stop);
        log.Status("");
        log.Info(FormattableString.Invariant($"{outcome.Why} ({outcome.State.Seconds / 60:0.0} minutes, {outcome.State.Pairs} pairs)"));
        folder.WriteWhole(Path.GetFileName(folder.Final), trainer.Weights());
        if (request.Out is null)
        {
            log.Info($"no package was asked for (--out); the weights are {(outcome.State.Best is null ? folder.Final : folder.Best)}");
            return 0;
        }

        if (stop.IsCancellationRequested)
        {
            log.Info($"stopped before its end: no package yet; ./realtimessl train --resume {folder.Path}");
            return 0;
        }

        return Export(outcome, from, past, known, judge, device);
    }

    /// <summary>All sounds of a set in their order, as the network hears them; a batch is valid until the next.</summary>
    private IEnumerable<Tensor> Sounds(IClipSet set, ImageFrontEnd image, AudioFrontEnd audio, Device device)
    {
        using var loader = new BatchLoader(set, ViewPlans.Plain(image, audio), settings.Batch, settings.Seed, settings.Compute.Loaders);
        foreach (var batch in loader.Epoch(0))
        {
            Tensor sounds;
            using (NewDisposeScope())
            {
                sounds = StepInputs.Of(batch, device, settings.Compute with { Bf16 = false, ChannelsLast = false }, 0).Sounds[0].MoveToOuterDisposeScope();
            }

            batch.Dispose();
            yield return sounds;
            sounds.Dispose();
        }
    }

    /// <summary>Neighbours, where they are wanted and the method takes them.</summary>
    private (Neighbours? Pictures, Neighbours? Sounds) Similar(TrainData data, TrainingMethod method)
    {
        if (request.Neighbours is not { } model)
        {
            return default;
        }

        return method.TakesNeighbours
            ? NeighbourLists.Of(model, data.Training, settings.Input.Neighbours, folder, settings.Compute, log)
            : throw new UsageException($"--neighbours {model}: {method.Id} takes none");
    }

    /// <summary>The best weights, judged once more as they are exported, and beside what the base knew.</summary>
    private int Export(TrainOutcome outcome, BaseModel? from, TrainData? past, IReadOnlyList<Score>? known, Judges? judge, Device device)
    {
        var weights = outcome.State.Best is null || !File.Exists(folder.Best) ? folder.Final : folder.Best;
        using var method = Methods.Make(settings);
        WeightFile.Load(weights, method.Network);
        method.Network.to(device);
        var scores = Judged(judge, method, CancellationToken.None);
        Say("exported", scores);
        if (known is { Count: > 0 })
        {
            var now = Remember(past, from, method, device, CancellationToken.None)!;
            var drop = 100 * (known[0].Value - now[0].Value);
            var line = FormattableString.Invariant($"what {from!.Name} knew: {known[0].Name} {known[0].Value:0.000} before, {now[0].Value:0.000} now");
            if (drop <= settings.Tuning.MaxDrop)
            {
                log.Info(line);
            }
            else
            {
                line += FormattableString.Invariant($": {drop:0.0} points lost, more than tuning.max_drop ({settings.Tuning.MaxDrop:0.0}); fewer epochs, a lower optimizer.rate, or --freeze trunks keep more");
                if (settings.Tuning.RefuseDrop)
                {
                    throw new TrainingException($"{line}. Not exported (tuning.refuse_drop); the weights are {weights}");
                }

                log.Warn(line);
            }
        }

        var told = new PastTraining
        {
            Data = [.. request.Data.Select(d => TrainData.IsSynthetic(d) ? d : Path.GetFullPath(d))],
            Settings = SettingsFile.Write(settings),
            Steps = settings.Tuning.StepsBefore + outcome.State.Step,
            Scores = scores.ToDictionary(s => s.Name, s => s.Value),
            From = from?.Name,
        };
        var utc = clock.ToUtc(clock.Now);
        var package = TrainedPackage.Write(
            weights, Methods.Package(settings), request.Out!, request.Replace, request.Licence,
            new Dictionary<string, byte[]> { [PastTraining.FileName] = told.ToBytes(), ["README.md"] = Card(told, outcome, utc) }, log, utc);
        log.Info($"{request.Out}: ready, sha256 {package.Sha256}");
        Console.WriteLine(
            $"See it live: ./realtimessl run --source 0 --model {(Path.GetFullPath(Path.Combine(package.Folder, "..")) == Path.GetFullPath("models") ? package.Manifest.Name : package.Folder)}");
        return 0;
    }

    /// <summary>What the base learned from and was judged on; null where that is not known or no longer there.</summary>
    private TrainData? Past(BaseModel? from, CancellationToken stop)
    {
        if (from is null)
        {
            return null;
        }

        if (from.Past is not { Data.Count: > 0 } past)
        {
            log.Info($"whether it forgets what {from.Name} knew cannot be told, nor can it be rehearsed: others trained it");
            return null;
        }

        try
        {
            var then = past.Read();
            var (image, audio) = Methods.Inputs(then);
            return TrainData.Load(past.Data, then, image, audio, Cache, clock, new QuietLog(), stop);
        }
        catch (TrainingDataException e)
        {
            log.Warn($"whether it forgets what {from.Name} knew cannot be told, nor can it be rehearsed: {e.Message}");
            return null;
        }
    }

    /// <summary>What it knows of the base's data.</summary>
    private static IReadOnlyList<Score>? Remember(TrainData? past, BaseModel? from, TrainingMethod method, Device device, CancellationToken stop)
    {
        if (past is null)
        {
            return null;
        }

        using var judge = Judge(past, from!.Past!.Read(), device);
        return Judged(judge, method, stop);
    }

    /// <summary>The new data, with the old ones between them where they are there.</summary>
    private IClipSet Learned(TrainData data, TrainData? past)
    {
        if (past is null || settings.Tuning.Rehearsal <= 0 || request.Neighbours is not null)
        {
            return data.Training;
        }

        var both = new Rehearsal(data.Training, past.Training, settings.Tuning.Rehearsal);
        log.Info($"rehearsed: {both.Name}");
        return both;
    }

    private static Judges? Judge(TrainData data, TrainSettings settings, Device device)
    {
        var (image, audio) = Methods.Inputs(settings);
        var package = Methods.Package(settings);
        List<IJudge> all = [];
        if (data.Scenes is { } scenes)
        {
            all.Add(new LocalizationJudge(scenes, image, audio, package.Flow, settings.Compute, device, package.Upsampling));
        }

        if (data.Held is { } held)
        {
            all.Add(new MatchJudge(held, settings.Validation.Pairs, image, audio, package.Flow, settings.Compute, device));
        }

        return all.Count > 0 ? new Judges(all) : null;
    }

    private static IReadOnlyList<Score> Judged(Judges? judge, TrainingMethod method, CancellationToken stop)
    {
        if (judge is null)
        {
            return [];
        }

        using var ungraded = no_grad();
        using var scope = NewDisposeScope();
        method.Network.eval();
        return judge.Judge(method, null, stop);
    }

    private byte[] Card(PastTraining past, TrainOutcome outcome, DateTime utc)
    {
        var card = new StringBuilder();
        card.Append(CultureInfo.InvariantCulture, $"# {Path.GetFileName(Path.TrimEndingDirectorySeparator(request.Out!))}\n\n{Methods.Package(settings).Title}. Trained with this program on {utc:yyyy-MM-dd}");
        card.Append(CultureInfo.InvariantCulture, $"{(past.From is { } f ? $", from {f}" : ", from nothing")}: {outcome.State.Pairs} pairs in {outcome.State.Seconds / 60:0.0} minutes; {outcome.Why}.\n\n");
        card.Append("| | |\n|---|---|\n").AppendJoin("", request.Data.Select(d => $"| data | `{(TrainData.IsSynthetic(d) ? d : Path.GetFileName(Path.TrimEndingDirectorySeparator(d)))}` |\n"));
        card.Append("| licence | ").Append(request.Licence).Append(" |\n");
        foreach (var (name, value) in past.Scores)
        {
            card.Append(CultureInfo.InvariantCulture, $"| {name} (held out) | {value:0.000} |\n");
        }

        card.Append(CultureInfo.InvariantCulture, $"\nSettings, data and scores: `{PastTraining.FileName}`. `{WeightFile.Name}`: what training can go on from (`train --from`).\n");
        card.Append("The detection limits in `model.json` are not calibrated; with a `calibration.json` (`evaluate --write-calibration`) presence does not rest on them.\n");
        return Encoding.UTF8.GetBytes(card.ToString());
    }

    private void Say(string when, IReadOnlyList<Score> scores)
    {
        if (scores.Count > 0)
        {
            log.Info($"{when}: {string.Join(", ", scores.Select(s => FormattableString.Invariant($"{s.Name} {s.Value:0.000}")))}");
        }
    }

    private void Tell(TrainProgress progress)
    {
        log.Status($"{progress}");
        if (Console.IsErrorRedirected && (_told == TimeSpan.MinValue || clock.Now - _told > Telling))
        {
            _told = clock.Now;
            log.Info($"{progress}");
        }
    }
}
