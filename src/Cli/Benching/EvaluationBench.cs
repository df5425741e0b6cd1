using System.Diagnostics;
using OpenCvSharp;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>
/// The bench <c>evaluation</c>: an evaluation like IS3's (each picture with two sounds), from files to report, and which part of it the trunks themselves
/// take: in time, and, since on a busy machine time says little, in processor time. Each round has the trunks alone before and after the evaluation, so that
/// what drifts cancels out. Pictures of 512 x 512 as JPEG, sounds of 10 s as WAVE.
/// </summary>
internal sealed class EvaluationBench(BenchRequest request, BenchPrinter printer, CancellationToken stop)
{
    /// <summary>A small set goes once through everything for nothing: what is compiled and allocated once weighs nothing among thousands.</summary>
    private const int WarmUp = 60;

    private const int Side = 512;
    private const int Rounds = 3;

    /// <summary>The trunks alone run, before and after, on every so many-th of the pictures and sounds.</summary>
    private const int Part = 6;

    private readonly MonotonicClock _clock = new();

    private int Pictures => request.Pictures;

    /// <summary>Measures, prints, and returns it.</summary>
    public async Task<BenchResult> RunAsync(BenchResult result)
    {
        var name = request.Models.Count == 1 ? request.Models[0] : throw new UsageException("bench evaluation needs one package: --model NAME");
        var package = LocalizerFactory.PackageOf(name, request.Options);
        if (package is not { Manifest.HasTwoTrunks: true })
        {
            throw new UsageException($"bench evaluation --model {name}: needs a two-stream package");
        }

        var folder = Directory.CreateTempSubdirectory("realtimessl-bench-").FullName;
        try
        {
            WriteSet(folder);
            var (set, reader, rounds) = (BenchmarkReader.Read(folder), new FileMedia(), request.Runs > 0 ? request.Runs : Rounds);
            using var maker = (TwoStreamMaps)MapMakers.Open(name, request.Options, reader, set.Problems, set.ClipSeconds, 1);
            using var model = new TwoStreamModel(package, request.Options);
            var samples = Located.Find(set, folder, moving: false);

            Trunks(model, WarmUp, 2 * WarmUp);
            await EvaluateAsync("warm-up", [.. samples.Take(2 * WarmUp)]).ConfigureAwait(false);
            printer.Table($"{name}: {Pictures} pictures x 2 sounds, ms per sample");
            var measured = new List<Round>();
            for (var round = 0; round < rounds; round++)
            {
                var (pictures, sounds) = (maker.PicturesSeen, maker.SoundsHeard);
                var before = Trunks(model, Pictures, 2 * Pictures);
                var (made, all) = await EvaluateAsync($"round-{round}", samples).ConfigureAwait(false);
                var after = Trunks(model, maker.PicturesSeen - pictures, maker.SoundsHeard - sounds);
                measured.Add(new Round(new Cost((before.Ms + after.Ms) / 2, (before.Cpu + after.Cpu) / 2), made, all));
            }

            var stages = new[]
            {
                Stage("trunks alone", r => r.Trunks.Ms), Stage("everything until the maps are kept", r => r.Made.Ms), Stage("everything, with all measures", r => r.All.Ms),
                Stage("trunks alone, processor", r => r.Trunks.Cpu), Stage("until the maps are kept, processor", r => r.Made.Cpu), Stage("everything, processor", r => r.All.Cpu),
            };
            printer.Say($"  The evaluation costs {More(r => r.All.Ms / r.Trunks.Ms)} more time than its trunks, {More(r => r.All.Cpu / r.Trunks.Cpu)} more processor time.");
            return result with { Pipeline = stages };

            StageResult Stage(string what, Func<Round, double> ms)
            {
                var stage = new StageResult(what, Timing.Of([.. measured.Select(r => ms(r) / (2 * Pictures))]));
                printer.Stage(stage);
                return stage;
            }

            string More(Func<Round, double> ratio)
            {
                var sorted = measured.Select(r => ratio(r) - 1).Order().ToArray();
                return FormattableString.Invariant($"{sorted[sorted.Length / 2]:0.0 %} ({sorted[0]:0.0 %} to {sorted[^1]:0.0 %} in {sorted.Length} rounds)");
            }

            async Task<(Cost Made, Cost All)> EvaluateAsync(string into, IReadOnlyList<Located> some)
            {
                var meter = Meter.Start();
                var maps = await Runner.RunAsync(some, maker, Directory.CreateDirectory(Path.Combine(folder, into)).FullName, 1, "", new QuietLog(), Told($"samples, {into}"), stop)
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
    }

    /// <summary>As many pictures and sounds as the evaluation sees and hears, through the networks alone.</summary>
    private Cost Trunks(TwoStreamModel model, int pictures, int sounds)
    {
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
        return new Cost(Part * ms, Part * cpu);

        void Once()
        {
            stop.ThrowIfCancellationRequested();
            model.See(picture, Side, Side);
            model.Hear(sound);
        }
    }

    private readonly record struct Cost(double Ms, double Cpu);

    private readonly record struct Round(Cost Trunks, Cost Made, Cost All);

    /// <summary>Time, and processor time of the whole process, in ms.</summary>
    private readonly record struct Meter(long Began, TimeSpan Cpu)
    {
        public static Meter Start() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        public Cost Stop() =>
            new(Stopwatch.GetElapsedTime(Began).TotalMilliseconds, (Environment.CpuUsage.TotalTime - Cpu).TotalMilliseconds);
    }

    private Action<int, int> Told(string what) => new Countdown(new ConsoleLog(_clock, LogLevel.Info), _clock, what).Show;

    private void WriteSet(string folder)
    {
        var (random, entries, told) = (new Random(1), new List<string>(), Told("pictures and their sounds written"));
        for (var i = 0; i < Pictures; i++)
        {
            stop.ThrowIfCancellationRequested();
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

            told(i + 1, Pictures);
        }

        File.WriteAllText(Path.Combine(folder, "synthetic_bbox.json"), $"[{string.Join(",", entries)}]");
    }
}
