using System.Diagnostics;
using OpenCvSharp;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.TwoStream;

namespace RealtimeSsl.Cli.Benching;

/// <summary>
/// The bench <c>evaluation</c>: an evaluation like IS3's (each picture with two sounds), from files to report, and which part of it the trunks themselves
/// take: in time, and, since on a busy machine time says little, in processor time. Pictures of 512 x 512 as JPEG, sounds of 10 s as WAVE.
/// </summary>
internal sealed class EvaluationBench(BenchRequest request, BenchPrinter printer, CancellationToken stop)
{
    private const int Pictures = 60;
    private const int Side = 512;

    /// <summary>The trunks alone run on every so many-th of the pictures and sounds.</summary>
    private const int Part = 4;

    private const int WarmUp = 8;

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

            // A first few that do not count: what is compiled and allocated once weighs nothing among thousands.
            await EvaluateAsync([.. samples.Take(WarmUp)], "warm-up").ConfigureAwait(false);
            var (seenBefore, heardBefore) = (maker.PicturesSeen, maker.SoundsHeard);
            var (made, all) = await EvaluateAsync(samples, "all").ConfigureAwait(false);
            var (seen, heard) = (maker.PicturesSeen - seenBefore, maker.SoundsHeard - heardBefore);
            var trunks = Trunks(name, seen, heard);

            printer.Table($"{name}: {Pictures} pictures x 2 sounds, ms per sample");
            var stages = new[]
            {
                Stage("trunks alone", trunks.Ms), Stage("everything until the maps are kept", made.Ms), Stage("everything, with all measures", all.Ms),
                Stage("trunks alone, processor", trunks.Cpu), Stage("everything, processor", all.Cpu),
            };
            printer.Say($"  The evaluation costs {all.Ms / trunks.Ms - 1:0.0 %} more time than its trunks, {all.Cpu / trunks.Cpu - 1:0.0 %} more processor time ({seen} pictures seen, {heard} sounds heard).");
            return result with { Pipeline = stages };

            async Task<((double Ms, double Cpu) Made, (double Ms, double Cpu) All)> EvaluateAsync(IReadOnlyList<Located> some, string into)
            {
                var meter = Meter.Start();
                var maps = await Runner.RunAsync(some, maker, Directory.CreateDirectory(Path.Combine(folder, into)).FullName, 1, "", new QuietLog(), (_, _) => { }, stop)
                    .ConfigureAwait(false);
                var kept = meter.Stop();
                new Evaluator(set, Conventions.SslAlign, reader).Evaluate(some, maps, maker, 1, stop);
                return (kept, meter.Stop());
            }
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

    /// <summary>As many pictures and sounds as the evaluation saw and heard, through the networks alone.</summary>
    private (double Ms, double Cpu) Trunks(string name, int pictures, int sounds)
    {
        using var model = new TwoStreamModel(LocalizerFactory.Package(name, request.Options), request.Options);
        var (picture, sound) = (new byte[3 * Side * Side], new float[model.Manifest.AudioFrontEnd.Rows * model.Manifest.AudioFrontEnd.Columns]);
        new Random(1).NextBytes(picture);
        Once();
        var meter = Meter.Start();
        for (var i = 0; i < pictures / Part; i++)
        {
            Once();
        }

        for (var i = pictures / Part; i < sounds / Part; i++)
        {
            stop.ThrowIfCancellationRequested();
            model.Hear(sound);
        }

        var (ms, cpu) = meter.Stop();
        return (Part * ms, Part * cpu);

        void Once()
        {
            stop.ThrowIfCancellationRequested();
            model.See(picture, Side, Side);
            model.Hear(sound);
        }
    }

    /// <summary>Time, and processor time of the whole process, in ms.</summary>
    private readonly record struct Meter(long Began, TimeSpan Cpu)
    {
        public static Meter Start() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        public (double Ms, double Cpu) Stop() =>
            (Stopwatch.GetElapsedTime(Began).TotalMilliseconds, (Environment.CpuUsage.TotalTime - Cpu).TotalMilliseconds);
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
