using System.CommandLine;
using System.Globalization;
using RealtimeSsl.Cli.Benching;
using RealtimeSsl.Cli.Benching.Against;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Inference;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>bench</c>: how fast each stage is on this machine.</summary>
internal static class BenchVerb
{
    private const string Debian = "/usr/bin/python3";

    private static readonly string Text = $"""
        Measures how fast the engine is on this machine: ms per stage, p50 and p95; per trunk and precision; what using a sound's embedding again saves.

        Benches:
        {string.Join('\n', Benches.All.Select(b => $"  {b.Name,-10} {b.What}"))}

        Examples:
          ./realtimessl bench                                          synchrony and the pipeline
          ./realtimessl bench --model sslalign --model sslalign-int8   packages side by side
          ./realtimessl bench --model sslalign --threads 1 --json bench.json
          ./realtimessl bench evaluation --model sslalign --threads 2 --runs 5
                                                                       what evaluate costs beyond its trunks: time and processor time, median and spread of 5
                                                                       rounds; on a quiet machine, or take the processor time (the last line says how busy it was)
          ./realtimessl bench evaluation --model sslalign --pictures 3240 --runs 1
                                                                       the same at IS3's size
          ./realtimessl bench --against pytorch --threads 2            SSLalign's network with random weights, and PyTorch eager with the same ones, in turn
          ./realtimessl bench --against pytorch --checkpoint ours.pth --model sslalign --model sslalign-int8
                                                                       your own checkpoint, and what was imported and exported from it

        --against pytorch needs PyTorch for Python; on Debian: apt-get install python3-torch libopenblas0-openmp (some 500 MB; nothing else here uses it).
        The checkpoint is read by PyTorch itself there, which can run code that is in it: compare only with files that you trust.
        """;

    public static Command Make()
    {
        var name = new Argument<string?>("NAME") { Description = "the bench; stages by default", Arity = ArgumentArity.ZeroOrOne };
        var models = new Option<string[]>("--model") { HelpName = "M", DefaultValueFactory = _ => [], Description = "a model, as for run; may be given several times" };
        var device = new Option<string>("--device") { HelpName = "D", DefaultValueFactory = _ => "cpu", Description = "auto, cpu, cuda or directml; with !: fail rather than fall back" };
        var threads = new Option<int>("--threads") { HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount, Description = "threads within an operator (one per core)" };
        var runs = new Option<int>("--runs") { HelpName = "N", Description = "runs of each stage, rounds of evaluation (3) or blocks of a comparison (20); without it by time" };
        var seconds = new Option<double>("--seconds") { HelpName = "S", DefaultValueFactory = _ => 1, Description = "time for each stage" };
        var size = new Option<string>("--size") { HelpName = "WxH", DefaultValueFactory = _ => "1280x720", Description = "size of the pictures" };
        var pictures = new Option<int>("--pictures") { HelpName = "N", DefaultValueFactory = _ => 60, Description = "size of evaluation's set; IS3 has 3240 (2 GB of disk, some ten minutes a round)" };
        var against = new Option<string?>("--against") { HelpName = "ENGINE", Description = $"compare with another engine: {PyTorchBench.Name}" };
        var checkpoint = new Option<string?>("--checkpoint") { HelpName = "FILE", Description = "what the models were imported from" };
        var keep = new Option<string?>("--keep") { HelpName = "DIR", Description = "keep (and use again) the checkpoint and the package made for a comparison" };
        var python = new Option<string>("--python")
        {
            HelpName = "P", DefaultValueFactory = _ => File.Exists(Debian) ? Debian : "python3", Description = "the Python that has PyTorch",
        };
        var plain = new Option<bool>("--no-winograd") { Description = "fp32 networks as they are written (inference.winograd: false)" };
        var json = new Option<string?>("--json") { HelpName = "FILE", Description = "write the figures as JSON, too (docs/schemas/bench.json)" };
        var verb = new Command("bench", Text) { name, models, device, threads, runs, seconds, size, pictures, against, checkpoint, keep, python, plain, json };
        verb.SetAction(async (parsed, stop) =>
        {
            var bench = Benches.ByName(parsed.GetValue(name));
            var options = new LocalizerOptions(new QuietLog())
            {
                ModelsFolder = new RunSettings().Inference.Models,
                Device = parsed.GetValue(device)!,
                Threads = Within("--threads", parsed.GetValue(threads), 1, 256),
                Winograd = !parsed.GetValue(plain),
            };
            var request = new BenchRequest(parsed.GetValue(models)!, options)
            {
                Runs = parsed.GetResult(runs) is null ? 0 : Within("--runs", parsed.GetValue(runs), 1, 1_000_000),
                Seconds = Within("--seconds", parsed.GetValue(seconds), 0.01, 3600),
                Size = Size(parsed.GetValue(size)!),
                Pictures = Within("--pictures", parsed.GetValue(pictures), 6, 100_000),
                Against = parsed.GetValue(against) switch
                {
                    null => null,
                    PyTorchBench.Name => PyTorchBench.Name,
                    var other => throw new UsageException($"--against {other}: unknown; there is {PyTorchBench.Name}"),
                },
                Checkpoint = parsed.GetValue(checkpoint),
                Keep = parsed.GetValue(keep),
                Python = parsed.GetValue(python)!,
            };
            var given = (request.Checkpoint ?? request.Keep) is not null;
            if (given && request.Against is null)
            {
                throw new UsageException("--checkpoint and --keep are for a comparison: add --against pytorch");
            }

            if (parsed.GetResult(pictures) is { Implicit: false } && bench.Name != "evaluation")
            {
                throw new UsageException("--pictures is for one bench: bench evaluation --model NAME");
            }

            var file = parsed.GetValue(json);
            if (file is not null && (Directory.Exists(file) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file)))))
            {
                throw new UsageException($"--json {file}: a folder, or in a folder that is not there");
            }

            var result = await Benches.RunAsync(bench, request, Console.Out, stop).ConfigureAwait(false);
            if (file is not null)
            {
                await File.WriteAllBytesAsync(file, result.ToJson(), stop).ConfigureAwait(false);
            }

            return 0;
        });
        return verb;
    }

    private static T Within<T>(string option, T value, T low, T high) where T : IComparable<T> =>
        value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} {value}: must be {low} to {high}"));

    private static (int Width, int Height) Size(string text)
    {
        var parts = text.Split('x');
        return parts.Length == 2
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var width) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var height)
            && width is >= 160 and <= 7680 && height is >= 90 and <= 4320
            ? (width, height)
            : throw new UsageException($"--size {text}: must be WIDTHxHEIGHT, 160x90 to 7680x4320, such as 1280x720");
    }
}
