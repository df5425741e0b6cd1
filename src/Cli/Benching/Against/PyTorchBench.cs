using System.Diagnostics;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching.Against;

/// <summary>
/// Our trunks and PyTorch's eager mode, in turn, block by block, in one run: same weights, same inputs, same number of threads, one picture and one sound
/// at a time. Theirs is timed without front ends, from tensor to heatmap; ours has them in every whole pair.
/// </summary>
internal sealed class PyTorchBench(BenchRequest request, BenchPrinter printer, CancellationToken stop)
{
    /// <summary>Name on the command line.</summary>
    public const string Name = "pytorch";

    // A block is long enough that the other side's threads have gone to sleep by its first counted run, and short against a disturbance.
    private const int Warm = 2, RunsPerBlock = 5, UsualBlocks = 20;

    private readonly StageClock _clock = new(RunsPerBlock, 0, stop);

    private sealed record Side(string Name, ModelPackage Package, TwoStreamStages Stages, (Agreement Image, Agreement Audio, Agreement Map) Agreement);

    /// <summary>Measures, prints, and returns the comparison.</summary>
    public async Task<ComparisonResult> RunAsync()
    {
        if (request.Models.Count > 0 && request.Checkpoint is null)
        {
            throw new UsageException(
                "--against pytorch with --model needs --checkpoint FILE, the checkpoint that the models were imported from; "
                + "without --model a network is made for it");
        }

        var packages = request.Models.Select(Package).ToList();

        var folder = request.Keep is { } keep ? Path.GetFullPath(keep) : Directory.CreateTempSubdirectory("realtimessl-bench-").FullName;
        Directory.CreateDirectory(folder);
        List<Side> sides = [];
        try
        {
            using var child = new PyTorchChild(request.Python, request.Options.Threads);
            using var material = new Material(request.Size.Width, request.Size.Height);
            var theirs = new PyTorchModel(child, folder, stop);
            var (checkpoint, made) = request.Checkpoint is { } given ? (given, null) : await theirs.MakeAsync().ConfigureAwait(false);
            await EnterAsync(theirs, checkpoint, made is null ? packages : [Package(made)], material, sides).ConfigureAwait(false);
            return await CompeteAsync(theirs, sides).ConfigureAwait(false);
        }
        finally
        {
            sides.ForEach(s => s.Stages.Dispose());
            if (request.Keep is null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private ModelPackage Package(string model) =>
        LocalizerFactory.PackageOf(model, request.Options) is { Manifest.HasTwoTrunks: true } package
            ? package
            : throw new UsageException($"--against pytorch: '{model}' has no two trunks to compare");

    private async Task EnterAsync(PyTorchModel theirs, string checkpoint, IReadOnlyList<ModelPackage> packages, Material material, List<Side> sides)
    {
        foreach (var (package, name, options) in packages.SelectMany(Variants))
        {
            if (sides.Count == 0)
            {
                await theirs.LoadAsync(checkpoint, package.Manifest.Method, request.Options.Threads).ConfigureAwait(false);
            }

            var stages = new TwoStreamStages(package, options, material);
            sides.Add(new Side(name, package, stages, default));
            if (sides.Count == 1)
            {
                await theirs.FeedAsync(stages, package.Manifest).ConfigureAwait(false);
            }

            sides[^1] = sides[^1] with { Agreement = await theirs.CompareAsync(name, stages).ConfigureAwait(false) };
        }
    }

    /// <summary>A float32 network runs beside itself without Winograd: what that gains belongs to the figures.</summary>
    private IEnumerable<(ModelPackage Package, string Name, LocalizerOptions Options)> Variants(ModelPackage package)
    {
        var (name, trunks) = (package.Manifest.Name, package.Manifest.Trunks);
        yield return (package, name, request.Options);
        if (request.Options.Winograd && new[] { trunks.Image!, trunks.Audio! }.Any(t => NetworkPrecision.Of(package.Read(t)) == "fp32"))
        {
            yield return (package, $"{name}, without Winograd", request.Options with { Winograd = false });
        }
    }

    private async Task<ComparisonResult> CompeteAsync(PyTorchModel theirs, List<Side> sides)
    {
        var blocks = request.Runs > 0 ? request.Runs : UsualBlocks;
        string[] whats = ["image", "audio", "pair"];
        var their = whats.ToDictionary(w => w, _ => new List<double[]>());
        var our = sides.ToDictionary(s => s, _ => new Dictionary<string, List<double[]>> { ["image"] = [], ["audio"] = [], ["reused"] = [], ["pair"] = [] });
        var log = new ConsoleLog(new MonotonicClock(), LogLevel.Info);
        var began = Stopwatch.GetTimestamp();
        for (var block = 0; block < blocks; block++)
        {
            foreach (var what in whats)
            {
                their[what].Add(await theirs.TimesAsync(what, Warm, RunsPerBlock).ConfigureAwait(false));
                foreach (var side in sides)
                {
                    foreach (var (name, run) in Contests(side.Stages, what))
                    {
                        our[side][name].Add(_clock.Times(run, Warm, RunsPerBlock));
                    }
                }
            }

            var left = Stopwatch.GetElapsedTime(began) * (blocks - block - 1) / (block + 1);
            log.Status($"block {block + 1} of {blocks}, {left.TotalSeconds:0} s left");
        }

        log.Status("");
        var models = sides.Select(side => Report(side, their, our[side])).ToList();
        var result = new ComparisonResult($"PyTorch {theirs.Version} eager", theirs.Blas, theirs.Threads, models);
        Print(result);
        return result;
    }

    private static IEnumerable<(string Name, Action Run)> Contests(TwoStreamStages stages, string what) => what switch
    {
        "image" => [("image", stages.ImageTrunk)],
        "audio" => [("audio", stages.AudioTrunk)],
        _ => [("reused", stages.Reused), ("pair", stages.Pair)],
    };

    private static ComparedModel Report(Side side, Dictionary<string, List<double[]>> their, Dictionary<string, List<double[]>> our)
    {
        var precision = side.Stages.ImagePrecision == side.Stages.AudioPrecision
            ? side.Stages.ImagePrecision
            : $"{side.Stages.ImagePrecision}/{side.Stages.AudioPrecision}";
        return new ComparedModel(
            side.Name, precision, side.Agreement.Image, side.Agreement.Audio, side.Agreement.Map,
            [
                Contest("image trunk", their["image"], our["image"]),
                Contest("audio trunk", their["audio"], our["audio"]),
                Contest("whole pair", their["pair"], our["pair"]),
                Contest("sound reused, against their whole pair", their["pair"], our["reused"]),
            ]);

        static ContestResult Contest(string what, List<double[]> theirs, List<double[]> ours) => new(
            what,
            Timing.Of([.. theirs.SelectMany(b => b)]),
            Timing.Of([.. ours.SelectMany(b => b)]),
            Ratio.Of([.. theirs.Select(Timing.Median)], [.. ours.Select(Timing.Median)]));
    }

    private static string Both(Timing ms) => $"{BenchPrinter.Ms(ms.P50)} {BenchPrinter.Ms(ms.Best ?? ms.P50)}";

    private void Print(ComparisonResult result)
    {
        foreach (var model in result.Models)
        {
            printer.Say($"");
            printer.Say($"{model.Name} ({model.Precision}) against {result.Name}, {result.Threads} threads, {Path.GetFileName(result.Blas) ?? "BLAS unknown"}");
            printer.Say($"  {"ms, p50 and best",-40} {"theirs",16} {"ours",16}  {"faster",7}  95 %");
            foreach (var c in model.Contests)
            {
                printer.Say($"  {c.What,-40} {Both(c.TheirMs),16} {Both(c.OurMs),16}  {c.Faster.Value,6:0.00}x  {c.Faster.Low:0.00} to {c.Faster.High:0.00}");
            }

            var (image, audio, map) = (model.Image, model.Audio, model.Map);
            printer.Say($"  outputs on one input: largest difference over largest value: image {image.Difference:0.0e+0}, audio {audio.Difference:0.0e+0}, map {map.Difference:0.0e+0};");
            printer.Say($"  cosine: image {image.Cosine:0.000000}, audio {audio.Cosine:0.000000}, map {map.Cosine:0.000000}");
        }
    }
}
