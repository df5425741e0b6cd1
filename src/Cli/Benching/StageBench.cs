using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>The bench <c>stages</c>: ms per stage of the engine, for each model, and for what comes after all of them.</summary>
internal sealed class StageBench(BenchRequest request, BenchPrinter printer, CancellationToken stop)
{
    /// <summary>The engine's own: how often a new sound is listened to.</summary>
    private static readonly TimeSpan AudioEvery = new LocalizerOptions(new QuietLog()).AudioEvery;

    private readonly StageClock _clock = new(request.Runs, request.Seconds, stop);

    /// <summary>Measures everything, prints it, and returns it.</summary>
    public async Task<BenchResult> RunAsync(BenchResult result)
    {
        using var material = new Material(request.Size.Width, request.Size.Height);
        List<ModelResult> models = [];
        foreach (var name in request.Models.Where(m => m != "synchrony"))
        {
            models.Add(Measure(name, material));
        }

        var harvest = await Harvest.ReapAsync(request.Size, request.Options, stop).ConfigureAwait(false);
        if (request.Models.Count == 0 || request.Models.Contains("synchrony"))
        {
            models.Add(Synchrony(harvest, material));
        }

        using var stages = new PipelineStages(harvest);
        printer.Table("every model: after the localizer");
        var pipeline = stages.Stages().Select(Time).ToList();
        harvest.Release();
        return result with { Models = models, Pipeline = pipeline };
    }

    private ModelResult Measure(string name, Material material)
    {
        if (LocalizerFactory.PackageOf(name, request.Options) is { Manifest.HasTwoTrunks: true } package)
        {
            using var stages = new TwoStreamStages(package, request.Options, material);
            return TwoStream(name, package, stages);
        }

        return Whole(name, material);
    }

    private ModelResult TwoStream(string name, ModelPackage package, TwoStreamStages stages)
    {
        var model = new ModelResult(name, package.Manifest.Method, stages.Device.Effective, stages.ImagePrecision, stages.AudioPrecision) { Stages = [] };
        printer.Table($"{name}: {model.Method}, {model.Device}");
        var results = stages.Stages().Select(Time).ToList();
        var reused = Time(("new picture, sound reused", stages.Reused));
        var pair = Time(("whole pair: new picture, new sound", stages.Pair));
        var reuse = Reuse(pair.Ms.P50, reused.Ms.P50);
        printer.Say($"  Reusing a sound's embedding saves {reuse.SavedMs:0.00} of {reuse.PairMs:0.00} ms ({reuse.SavedMs / reuse.PairMs:0 %});");
        printer.Say($"  with a new sound every {AudioEvery.TotalMilliseconds:0} ms, a frame at {Material.Fps} fps takes {reuse.MeanMs:0.00} ms on average.");
        return model with { Stages = [.. results, reused, pair], Reuse = reuse };
    }

    private static ReuseResult Reuse(double pair, double reused)
    {
        var newSounds = Math.Min(1, 1 / AudioEvery.TotalSeconds / Material.Fps);
        return new ReuseResult(pair, reused, Round(pair - reused), Round(reused + newSounds * (pair - reused)));

        static double Round(double ms) => Math.Round(ms, 4);
    }

    /// <summary>What has no two streams: one network for both, or a localizer with a guide.</summary>
    private ModelResult Whole(string name, Material material)
    {
        using var localizer = LocalizerFactory.Create(name, request.Options with { AudioEvery = TimeSpan.Zero });
        var (output, sounds, run) = (new LocalizerOutput(), material.Sounds(localizer.FrontEnd), 0);
        var package = LocalizerFactory.PackageOf(name, request.Options);
        var precision = package is null ? null : NetworkPrecision.Of(package.Read(package.Manifest.Trunks.Joint!));
        printer.Table($"{name}: {localizer.Info.Device.Effective}");
        var pair = Time(("whole pair: new picture, new sound", () => localizer.Localize(material.Frame(run), sounds[run++ % sounds.Count], output)));
        return new ModelResult(name, package?.Manifest.Method ?? "guided", localizer.Info.Device.Effective, precision, precision) { Stages = [pair] };
    }

    /// <summary>It keeps state from frame to frame, so it is timed in a run of the engine.</summary>
    private ModelResult Synchrony(Harvest harvest, Material material)
    {
        printer.Table("synchrony: cpu");
        using var localizer = LocalizerFactory.Create("synchrony", request.Options);
        var columns = Time(("audio columns, a frame's share (33 ms)", material.Columns(localizer.FrontEnd)));
        var infer = harvest.Summary.LatencyMs["infer"];
        var whole = new StageResult("localizer, in a run of the engine", new Timing((int)harvest.Summary.FramesProcessed, infer.P50, infer.P95, null));
        printer.Stage(whole);
        return new ModelResult("synchrony", "synchrony", "cpu", null, null) { Stages = [columns, whole] };
    }

    private StageResult Time((string Name, Action Run) stage)
    {
        var result = new StageResult(stage.Name, _clock.Measure(stage.Run));
        printer.Stage(result);
        return result;
    }
}
