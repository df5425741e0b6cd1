using System.CommandLine;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Evaluation;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>evaluate</c>: a model's numbers on an annotated set, beside those of guesses that hear nothing.</summary>
internal static class EvaluateVerb
{
    private static readonly string Text = $"""
        Measures a model (or saved heatmaps) on an annotated set: VGG-SS, Flickr-SoundNet, their Extended sets, IS3, VPO, AVSBench S4/MS3, MUSIC,
        or a folder of your own. Every report has baselines that hear nothing. Cut short, it goes on where it was.

        Presets: {string.Join(", ", Conventions.All.Select(c => c.Id))} (docs/6-evaluation.md says how they differ)

        Examples:
          ./realtimessl evaluate --data vggss --model synchrony               vggss.json and the clips beside it
          ./realtimessl evaluate --data IS3 --model sslalign --preset sslalign
          ./realtimessl evaluate --data vggss.json --media /data/vggsound --model ezvsl+objects
          ./realtimessl evaluate --data mine --heatmaps runs/mine             maps that were saved before: NAME.npy, and NAME.CLASS.npy of a method with one per class
          ./realtimessl evaluate --data IS3 --model mine --write-calibration  and presence means a probability from then on
          ./realtimessl evaluate make-mosaic --data pictures-and-sounds --out scenes
          ./realtimessl evaluate compare runs/evaluate-a runs/evaluate-b
        """;

    public static Command Make()
    {
        var data = new Option<string>("--data") { HelpName = "DIR", Description = "the annotated set: a folder, or an annotation file" };
        var annotations = new Option<string?>("--annotations") { HelpName = "FILE", Description = "the annotation file, where the folder has several" };
        var media = new Option<string?>("--media") { HelpName = "DIR", Description = "pictures, sounds, videos, in any folders below (default: beside the annotations)" };
        var model = new Option<string>("--model") { HelpName = "M", DefaultValueFactory = _ => "synchrony", Description = "synchrony, a package, or NAME+GUIDE" };
        var heatmaps = new Option<string?>("--heatmaps") { HelpName = "DIR", Description = "score these saved maps instead of a model's (docs/6-evaluation.md: layouts)" };
        var preset = new Option<string>("--preset") { HelpName = "P", DefaultValueFactory = _ => Conventions.Standard.Id, Description = "whose conventions" };
        var folder = new Option<string?>("--out", "-o") { HelpName = "DIR", Description = "report folder (default: runs/evaluate-MODEL-SET)" };
        var seed = new Option<int>("--seed") { HelpName = "N", DefaultValueFactory = _ => 1, Description = "of the strangers' sounds and the noise" };
        var limit = new Option<int?>("--limit") { HelpName = "N", Description = "the first N samples only" };
        var device = new Option<string>("--device") { HelpName = "D", DefaultValueFactory = _ => "auto", Description = "auto, cpu, cuda, directml" };
        var calibrate = new Option<bool>("--write-calibration") { Description = $"write {Calibration.FileName} into the model's package" };
        var verb = new Command("evaluate", Text) { data, annotations, media, model, heatmaps, preset, folder, seed, limit, device, calibrate, MakeMosaicVerb.Make(), CompareVerb.Make() };
        var variants = new ConventionOptions(verb);
        verb.SetAction((parsed, stop) =>
        {
            var request = new Request(
                parsed.GetValue(data) ?? throw new UsageException("evaluate needs --data: a folder with annotations and media; ./realtimessl evaluate --help"),
                parsed.GetValue(annotations), parsed.GetValue(media), parsed.GetValue(model)!, parsed.GetValue(heatmaps),
                variants.Apply(parsed, Conventions.ById(parsed.GetValue(preset)!)), parsed.GetValue(folder), parsed.GetValue(seed), parsed.GetValue(limit),
                parsed.GetValue(device)!, parsed.GetValue(calibrate));
            return RunAsync(request, stop);
        });
        return verb;
    }

    private static async Task<int> RunAsync(Request request, CancellationToken stop)
    {
        var clock = new MonotonicClock();
        var log = new ConsoleLog(clock, LogLevel.Info);
        var reader = new FileMedia();
        var options = new LocalizerOptions(log) { ModelsFolder = new RunSettings().Inference.Models, Device = request.Device };
        var (benchmark, samples) = Samples(request, options);
        using var maker = Open(request, options, reader, benchmark);
        log.Info($"{benchmark.Id}: {samples.Count} of {benchmark.Samples.Count} samples have their media");

        var folder = Folder(request, maker, benchmark);
        var countdown = new Countdown(log, clock, "samples");
        var clip = request.Conventions.ClipSeconds > 0 ? benchmark.ClipSeconds : 0;
        var maps = await Runner.RunAsync(samples, maker, folder, request.Seed, $"clip {clip}", log, countdown.Show, stop).ConfigureAwait(false);
        var conventions = request.Conventions;
        var evaluator = new Evaluator(benchmark, conventions, reader)
        {
            Guided = request.Heatmaps is null && MapMakers.Parts(request.Model, options).Guide is not null,
        };
        var report = evaluator.Evaluate(samples, maps, maker, request.Seed, stop);
        ReportJson.Write(Path.Combine(folder, ReportJson.FileName), report);
        Console.WriteLine(TextReport.Of(report));
        var page = Path.Combine(folder, HtmlReport.FileName);
        await File.WriteAllTextAsync(page, HtmlReport.Of(report, new Sheet(reader).Draw(report, samples, maps, stop)), stop).ConfigureAwait(false);
        Console.WriteLine($"report: {page} and {ReportJson.FileName}");
        if (request.Calibrate)
        {
            WriteCalibration(request, options, benchmark, samples, maps);
        }

        return 0;
    }

    private static (Benchmark Benchmark, IReadOnlyList<Located> Samples) Samples(Request request, LocalizerOptions options)
    {
        var benchmark = BenchmarkReader.Read(request.Data, request.Annotations);
        if (request.Limit is { } limit)
        {
            benchmark = benchmark with { Samples = [.. benchmark.Samples.Take(Math.Max(1, limit))] };
        }

        var root = request.Media ?? (Directory.Exists(request.Data) ? request.Data : Path.GetDirectoryName(Path.GetFullPath(request.Data))!);
        return Directory.Exists(root)
            ? (benchmark, Located.Find(benchmark, root, request.Heatmaps is null && MapMakers.NeedsVideo(request.Model, options)))
            : throw new EvaluationException($"--media {root}: no such folder");
    }

    private static IMapMaker Open(Request request, LocalizerOptions options, FileMedia reader, Benchmark benchmark)
    {
        if (request.Calibrate && (request.Heatmaps is not null || LocalizerFactory.PackageOf(MapMakers.Parts(request.Model, options).Name, options) is null))
        {
            throw new UsageException("--write-calibration: only a package can be calibrated, without +flow; name one with --model");
        }

        if (request.Heatmaps is { } saved)
        {
            return Directory.Exists(saved) ? new SavedMaps(saved, reader, benchmark.Problems) : throw new EvaluationException($"--heatmaps {saved}: no such folder");
        }

        var clip = request.Conventions.ClipSeconds > 0 ? benchmark.ClipSeconds : 0;
        return MapMakers.Open(request.Model, options, reader, benchmark.Problems, clip, request.Seed);
    }

    private static string Folder(Request request, IMapMaker maker, Benchmark benchmark)
    {
        // Sets that anybody makes are known by their folder, or one's report would take the place of another's.
        var own = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Data)));
        var set = benchmark.Id is "mosaic" or "folder" ? $"{benchmark.Id}-{own}" : benchmark.Id;
        var name = string.Concat($"evaluate-{maker.Info.Name}-{set}".Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '+' ? c : '-'));
        return Directory.CreateDirectory(request.Out ?? Path.Combine("runs", name)).FullName;
    }

    private static void WriteCalibration(
        Request request, LocalizerOptions options, Benchmark benchmark, IReadOnlyList<Located> samples, IReadOnlyDictionary<int, SampleMaps> maps)
    {
        var sounding = samples.Where(s => s.Sample.Sounds && maps.ContainsKey(s.Index)).Select(s => maps[s.Index]);
        var calibration = CalibrationFit.Fit(sounding, $"{benchmark.Id} ({Path.GetFileName(benchmark.Source)})");
        var package = LocalizerFactory.Package(MapMakers.Parts(request.Model, options).Name, options).With(Calibration.FileName, calibration.ToBytes());
        Console.WriteLine(FormattableString.Invariant(
            $"{Path.Combine(package.Folder, Calibration.FileName)}: even odds at a raw score of {calibration.Even:0.####}, area under ROC {calibration.Roc:0.###}; package sha256 {package.Sha256}"));
    }

    private sealed record Request(
        string Data, string? Annotations, string? Media, string Model, string? Heatmaps, Conventions Conventions, string? Out, int Seed, int? Limit, string Device, bool Calibrate);
}
