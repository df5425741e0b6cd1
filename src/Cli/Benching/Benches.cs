using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>A bench by its name.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="What">What it measures; a line of the help.</param>
/// <param name="RunAsync">Fills the report.</param>
internal sealed record Bench(string Name, string What, Func<BenchRequest, BenchPrinter, BenchResult, CancellationToken, Task<BenchResult>> RunAsync);

/// <summary>All benches: another one is another line here.</summary>
internal static class Benches
{
    /// <summary>The first one runs when none is named.</summary>
    public static IReadOnlyList<Bench> All { get; } =
    [
        new("stages", "ms per stage of the engine, per model; with --against, its trunks beside another engine's", StagesAsync),
        new("metrics", "evaluate's thresholds and IoU per sample, against the four sorts of the peers", (request, printer, result, stop) => Task.FromResult(new MetricBench(request, printer, stop).Run(result))),
        new("evaluation", "an evaluation like IS3's, from files to report, against its trunks alone, in rounds (--runs, 3); needs --model", (request, printer, result, stop) => new EvaluationBench(request, printer, stop).RunAsync(result)),
        new("train", "images a second of training ResNet-18, float32 and bfloat16, against PyTorch in the same run", (request, printer, result, stop) => new Against.TrainBench(request, printer, stop).RunAsync(result)),
    ];

    /// <summary>The bench of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static Bench ByName(string? name) => name is null
        ? All[0]
        : All.FirstOrDefault(b => b.Name == name) ?? throw new UsageException($"bench '{name}': unknown; there are {string.Join(", ", All.Select(b => b.Name))}");

    /// <summary>Runs one, with the machine at the head of the report.</summary>
    public static async Task<BenchResult> RunAsync(Bench bench, BenchRequest request, TextWriter output, CancellationToken stop)
    {
        var (clock, printer) = (new MonotonicClock(), new BenchPrinter(output));
        var empty = new BenchResult
        {
            Bench = bench.Name,
            Began = clock.ToUtc(clock.Now),
            Machine = Machine.Here(),
            Threads = request.Options.Threads,
            Picture = [request.Size.Width, request.Size.Height],
        };
        printer.Head(empty.Machine, request);
        var bystanders = new Bystanders();
        var result = await bench.RunAsync(request, printer, empty, stop).ConfigureAwait(false);
        var others = bystanders.Share();
        printer.Foot(others);
        return result with { Others = others };
    }

    // A comparison is by itself: whoever compares wants minutes spent on that.
    private static async Task<BenchResult> StagesAsync(BenchRequest request, BenchPrinter printer, BenchResult result, CancellationToken stop) =>
        request.Against is null
            ? await new StageBench(request, printer, stop).RunAsync(result).ConfigureAwait(false)
            : result with { Against = await new Against.PyTorchBench(request, printer, stop).RunAsync().ConfigureAwait(false) };
}
