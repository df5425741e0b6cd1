using System.CommandLine;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Export;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>export</c>: a model package in another precision, or as plain ONNX files.</summary>
internal static class ExportVerb
{
    private const string Text = """
        Makes a package of another precision: int8 (three to four times as fast on CPUs with VNNI, a quarter of the size) or fp16 (half the size, for GPUs;
        on CPUs no faster than float32). int8 is calibrated on real pictures and sounds of the kind it will see; what it costs is measured and told.

        Examples:
          ./realtimessl export sslalign --precision int8 --data videos/ --out models/sslalign-int8
          ./realtimessl export ezvsl --precision int8 --data street.mp4 --data classes/ --out models/ezvsl-int8
          ./realtimessl export sslalign --precision fp16 --out models/sslalign-fp16
          ./realtimessl export sslalign --onnx plain/                     its ONNX files as they are
          ./realtimessl run --source 0 --model sslalign-int8              and see it live
        """;

    public static Command Make()
    {
        var model = new Argument<string>("MODEL") { Description = "name under models/, or a path: a package of float32 networks" };
        var precision = new Option<string?>("--precision", "-p") { HelpName = "P", Description = "int8 or fp16" };
        var folder = new Option<string?>("--out", "-o") { HelpName = "DIR", Description = "the new package's folder, e.g. models/NAME; must not be there yet" };
        var data = new Option<string[]>("--data", "-d")
        {
            HelpName = "PATH", Description = "a video, a folder of videos, or a folder of CLASS/images and CLASS/audio; repeatable; without it, the built-in scenes",
        };
        var samples = new Option<int>("--samples") { HelpName = "N", DefaultValueFactory = _ => 64, Description = "how many pictures with sound to take, 8 to 1000" };
        var force = new Option<bool>("--force") { Description = $"write it even if its heatmaps are far from the source's (cosine below {Exporter.LeastCosine})" };
        var onnx = new Option<string?>("--onnx") { HelpName = "DIR", Description = "write the plain ONNX files there instead" };
        var verb = new Command("export", Text) { model, precision, folder, data, samples, force, onnx };
        verb.SetAction(async (parsed, stop) =>
        {
            var package = ModelsVerb.Load(parsed.GetValue(model)!);
            if (parsed.GetValue(onnx) is { } plain)
            {
                return parsed.GetValue(precision) is null && parsed.GetValue(folder) is null
                    ? Plain(package, plain)
                    : throw new UsageException("--onnx writes the networks as they are: give it without --precision and --out (export that precision first, then its --onnx)");
            }

            var (wanted, to, count) = (Precision(parsed.GetValue(precision)), parsed.GetValue(folder), parsed.GetValue(samples));
            if (to is null)
            {
                throw new UsageException("--out is missing: where the new package goes, e.g. --out models/NAME");
            }

            if (count is < 8 or > 1000)
            {
                throw new UsageException($"--samples {count}: must be 8 to 1000");
            }

            Exporter.Check(package, wanted, to);
            return await RunAsync(package, wanted, to, parsed.GetValue(data) ?? [], count, parsed.GetValue(force), stop).ConfigureAwait(false);
        });
        return verb;
    }

    private static async Task<int> RunAsync(ModelPackage package, ModelPrecision precision, string to, string[] data, int count, bool force, CancellationToken stop)
    {
        var log = new ConsoleLog(new MonotonicClock(), LogLevel.Info);
        var from = data.Length > 0 ? string.Join(", ", data.Select(d => Path.GetFileName(Path.TrimEndingDirectorySeparator(d)))) : "the built-in scenes";
        if (data.Length == 0)
        {
            log.Warn("calibrating on the built-in scenes: they show that it works; what it will see (--data) is better");
        }

        var samples = await new CalibrationData(package.Manifest, count, log).CollectAsync(data, stop).ConfigureAwait(false);
        log.Info($"{samples.Count} pictures with their sound from {from}");
        var result = Exporter.Run(new ExportRequest(package, precision, to, samples, from) { Force = force }, log, log.Status, stop);
        var (old, fresh) = (Bytes(package), Bytes(result.Package));
        Console.WriteLine(FormattableString.Invariant(
            $"{to}: ready, {fresh / 1048576.0:0.0} MB instead of {old / 1048576.0:0.0}, cosine of heatmaps {result.Agreement.MinCosine:0.00000} at least, {result.Agreement.MeanCosine:0.00000} in the mean, sha256 {result.Package.Sha256}"));
        Console.WriteLine($"See it live: ./realtimessl run --source 0 --model {ModelsVerb.NameFor(result.Package)}");
        return 0;
    }

    private static int Plain(ModelPackage package, string folder)
    {
        var trunks = package.Manifest.Trunks;
        Directory.CreateDirectory(folder);
        foreach (var file in new[] { trunks.Image, trunks.Audio, trunks.Joint }.OfType<string>())
        {
            var path = Path.Combine(folder, Path.GetFileName(file));
            if (File.Exists(path))
            {
                throw new UsageException($"{path}: is there already; give another folder, or remove it first");
            }

            var content = package.Read(file);
            File.WriteAllBytes(path, content);
            Console.WriteLine(FormattableString.Invariant($"{path}: {content.Length / 1048576.0:0.0} MB"));
        }

        return 0;
    }

    private static ModelPrecision Precision(string? text) => text switch
    {
        "int8" => ModelPrecision.Int8,
        "fp16" => ModelPrecision.Fp16,
        "fp32" => ModelPrecision.Fp32,
        null => throw new UsageException("--precision is missing: int8 or fp16 (or --onnx DIR for the plain ONNX files)"),
        _ => throw new UsageException($"--precision {text}: there are int8 and fp16"),
    };

    private static long Bytes(ModelPackage package) => package.Manifest.Files.Keys.Sum(f => new FileInfo(Path.Combine(package.Folder, f)).Length);
}
