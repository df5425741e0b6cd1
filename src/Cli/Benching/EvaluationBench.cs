using System.Diagnostics;
using OpenCvSharp;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Inference;

namespace RealtimeSsl.Cli.Benching;

/// <summary>
/// The bench <c>evaluation</c>: an evaluation like IS3's (each picture with two sounds), from files to report, and which part of it the trunks themselves
/// take. Pictures of 512 x 512 as JPEG, sounds of 10 s as WAVE.
/// </summary>
internal sealed class EvaluationBench(BenchRequest request, BenchPrinter printer, CancellationToken stop)
{
    private const int Pictures = 60;
    private const int Side = 512;

    /// <summary>Measures, prints, and returns it.</summary>
    public async Task<BenchResult> RunAsync(BenchResult result)
    {
        var name = request.Models.Count == 1 ? request.Models[0] : throw new UsageException("bench evaluation needs one package: --model NAME");
        if (LocalizerFactory.PackageOf(name, request.Options) is null)
        {
            throw new UsageException($"bench evaluation --model {name}: needs a two-stream package");
        }

        var folder = Directory.CreateTempSubdirectory("realtimessl-bench-").FullName;
        try
        {
            WriteSet(folder);
            var (set, reader) = (BenchmarkReader.Read(folder), new FileMedia());
            using var maker = MapMakers.Open(name, request.Options, reader, set.Problems, set.ClipSeconds, 1) as TwoStreamMaps
                ?? throw new UsageException($"bench evaluation --model {name}: needs a two-stream package");
            var samples = Located.Find(set, folder, moving: false);
            var began = Stopwatch.GetTimestamp();
            var maps = await Runner.RunAsync(samples, maker, folder, 1, "", new QuietLog(), (_, _) => { }, stop).ConfigureAwait(false);
            var made = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            new Evaluator(set, Conventions.SslAlign, reader).Evaluate(samples, maps, maker, 1, stop);
            var whole = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            var trunks = maker.TrunkTime.TotalMilliseconds;

            printer.Table($"{name}: {Pictures} pictures x 2 sounds, ms per sample");
            var stages = new[] { Stage("trunks alone", trunks), Stage("everything until the maps are kept", made), Stage("everything, with all measures", whole) };
            printer.Say($"  The evaluation costs {whole / trunks - 1:0.0 %} more than its trunks ({maker.PicturesSeen} pictures seen, {maker.SoundsHeard} sounds heard).");
            return result with { Pipeline = stages };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        StageResult Stage(string what, double ms)
        {
            var each = Math.Round(ms / (2 * Pictures), 4);
            var stage = new StageResult(what, new Timing(1, each, each, null));
            printer.Stage(stage);
            return stage;
        }
    }

    private static void WriteSet(string folder)
    {
        var (random, entries) = (new Random(1), new List<string>());
        for (var i = 0; i < Pictures; i++)
        {
            using Mat coarse = new(16, 16, MatType.CV_8UC3), picture = new();
            random.NextBytes(coarse.AsSpan<byte>());
            Cv2.Resize(coarse, picture, new Size(Side, Side), 0, 0, InterpolationFlags.Cubic);
            Cv2.ImWrite(Path.Combine(folder, $"a_b_{i}.jpg"), picture);
            foreach (var thing in new[] { "a", "b" })
            {
                var sound = Enumerable.Range(0, 160_000).Select(_ => 0.2f * (random.NextSingle() - 0.5f)).ToArray();
                File.WriteAllBytes(Path.Combine(folder, $"a_b_{i}_{thing}.wav"), MosaicWriter.Wave(sound));
                entries.Add($$"""{"image": "a_b_{{i}}_{{thing}}.jpg", "audio": "a_b_{{i}}_{{thing}}.wav", "gt_box": [20, 20, 120, 180]}""");
            }
        }

        File.WriteAllText(Path.Combine(folder, "synthetic_bbox.json"), $"[{string.Join(",", entries)}]");
    }
}
