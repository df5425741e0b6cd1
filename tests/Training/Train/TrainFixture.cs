using RealtimeSsl.Cli.Running;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Training.Train;

using Methods = RealtimeSsl.Cli.Learning.Methods;

/// <summary>Runs of the compact network on small pictures of the built-in scenes, in this process.</summary>
internal sealed class TrainFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TrainSettings Small => new()
    {
        Method = CompactMethod.Name,
        Epochs = 2,
        Batch = 8,
        Input = new InputSettings { Size = 32, Columns = 32 },
        Optimizer = new OptimizerSettings { Rate = 1e-3, Ema = 0.9 },
        Compute = new ComputeSettings { Threads = 1 },
    };

    public ListLog Log { get; } = new();

    public static IReadOnlyDictionary<string, float[]> Values(nn.Module network) =>
        network.state_dict().ToDictionary(s => s.Key, s => s.Value.detach().to(float32).contiguous().data<float>().ToArray());

    public static SyntheticClips Scenes(int rate = 16000, int count = 64) => new(seed: 2, count, rate, height: 48, kinds: ["drum", "face"]);

    public TrainFolder Folder(string name) => new(_folder[name]);

    /// <summary>A run in that folder; a stop after so many batches is a Ctrl-C.</summary>
    public (TrainingMethod Method, TrainOutcome Outcome) Run(
        TrainFolder folder, TrainSettings settings, bool resume = false, int? stopAfter = null, IJudge? judge = null, Func<TrainingMethod, TrainingMethod>? wrap = null,
        int pairs = 64)
    {
        set_num_threads(1);
        using var generator = manual_seed(settings.Seed);
        var method = wrap is null ? Methods.Make(settings) : wrap(Methods.Make(settings));
        var (image, audio) = Methods.Inputs(settings);
        using var loader = new BatchLoader(Scenes(audio.Rate, pairs), method.Views(image, audio, null, null), settings.Batch, settings.Seed, 1);
        using var stop = new CancellationTokenSource();
        var counting = new CountingMethod(method, stop, stopAfter);
        using var trainer = new Trainer(counting, loader, settings, folder, judge, new MonotonicClock(), Log, CPU);
        if (resume)
        {
            trainer.Resume();
        }

        var outcome = trainer.Run(stop.Token);
        folder.WriteWhole("final.safetensors", trainer.Weights());
        return (method, outcome);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Passes everything on and cancels at a batch.</summary>
    private sealed class CountingMethod(TrainingMethod inner, CancellationTokenSource stop, int? after) : TrainingMethod
    {
        private int _batches;

        public override string Id => inner.Id;

        public override nn.Module Network => inner.Network;

        public override RealtimeSsl.Training.Augment.ViewPlan Views(
            ImageFrontEnd image, AudioFrontEnd audio, RealtimeSsl.Training.Data.Neighbours? pictures, RealtimeSsl.Training.Data.Neighbours? sounds) =>
            inner.Views(image, audio, pictures, sounds);

        public override StepLoss Loss(StepInput input)
        {
            if (++_batches == after)
            {
                stop.Cancel();
            }

            return inner.Loss(input);
        }

        public override void AfterStep() => inner.AfterStep();

        public override Tensor Heatmap(Tensor pictures, Tensor sounds) => inner.Heatmap(pictures, sounds);

        public override (Tensor Pictures, Tensor Sounds) Embed(Tensor pictures, Tensor sounds) => inner.Embed(pictures, sounds);
    }
}
