using System.Text.Json.Nodes;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;
using RealtimeSsl.Training.Train;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Cli.Benching.Against;

/// <summary>
/// A step of training ResNet-18 (forward, backward, Adam) here and in PyTorch, in turn, block by block, with the same batch, size and threads: in float32, and
/// in bfloat16 with channels last, which is autocast there and <see cref="MasterWeights"/> here.
/// </summary>
internal sealed class TrainBench(BenchRequest request, BenchPrinter printer, CancellationToken stop)
{
    private const int Batch = 16, Warm = 1, StepsPerBlock = 3, UsualBlocks = 8;
    private readonly StageClock _clock = new(StepsPerBlock, 0, stop);

    /// <summary>Measures, prints, and returns the report.</summary>
    public async Task<BenchResult> RunAsync(BenchResult result)
    {
        set_num_threads(request.Options.Threads);
        List<StageResult> stages = [];
        using var child = new PyTorchChild(request.Python, request.Options.Threads);
        foreach (var (size, reduced) in ((int, bool)[])[(112, false), (112, true), (224, false), (224, true)])
        {
            stages.AddRange(await CompeteAsync(child, size, reduced).ConfigureAwait(false));
        }

        return result with { Pipeline = stages };
    }

    private async Task<StageResult[]> CompeteAsync(PyTorchChild child, int size, bool reduced)
    {
        var facts = await child.AskAsync(new JsonObject { ["do"] = "teach", ["batch"] = Batch, ["size"] = size, ["reduced"] = reduced, ["threads"] = request.Options.Threads }, stop)
            .ConfigureAwait(false);
        using var ours = new Ours(size, reduced);
        if (facts["weights"]!.GetValue<long>() is var theirsHas && theirsHas != ours.Weights)
        {
            throw new InvalidOperationException($"theirs has {theirsHas} weights, ours {ours.Weights}: these are not the same network");
        }

        List<double[]> their = [], our = [];
        for (var block = 0; block < (request.Runs > 0 ? request.Runs : UsualBlocks); block++)
        {
            var answer = await child.AskAsync(new JsonObject { ["do"] = "time", ["what"] = "step", ["warm"] = Warm, ["runs"] = StepsPerBlock }, stop).ConfigureAwait(false);
            their.Add([.. answer["ms"]!.AsArray().Select(ms => ms!.GetValue<double>())]);
            our.Add(_clock.Times(ours.Step, Warm, StepsPerBlock));
        }

        var faster = Ratio.Of([.. their.Select(Timing.Median)], [.. our.Select(Timing.Median)]);
        var what = $"{size} px, {(reduced ? "bfloat16, channels last" : "float32")}";
        var (theirTime, ourTime) = (Timing.Of([.. their.SelectMany(b => b)]), Timing.Of([.. our.SelectMany(b => b)]));
        printer.Say($"");
        printer.Say($"{what}, batch {Batch}, {facts["threads"]} threads, against PyTorch {facts["version"]} ({Path.GetFileName(facts["blas"]?.GetValue<string>()) ?? "BLAS unknown"})");
        printer.Say($"  images/s by medians: theirs {1000 * Batch / theirTime.P50:0.0}, ours {1000 * Batch / ourTime.P50:0.0}; by the best step: theirs {1000 * Batch / theirTime.Best!.Value:0.0}, ours {1000 * Batch / ourTime.Best!.Value:0.0}");
        printer.Say($"  ours is {faster.Value:0.000} x theirs (95 %: {faster.Low:0.000} to {faster.High:0.000}); live tensors {ours.Before} before, {Tensor.TotalCount} after");
        return [new($"train {what}: PyTorch", theirTime), new($"train {what}: ours", ourTime)];
    }

    /// <summary>Our side, as <see cref="Trainer"/> does it.</summary>
    private sealed class Ours : IDisposable
    {
        private readonly ResNet18 _network = new(channels: 3);
        private readonly MasterWeights _weights;
        private readonly optim.Optimizer _optimizer;
        private readonly Tensor _pictures;
        private readonly Tensor _labels = arange(Batch);

        public Ours(int size, bool reduced)
        {
            var compute = new ComputeSettings { Bf16 = reduced, ChannelsLast = reduced };
            _weights = new MasterWeights(_network, reduced, reduced);
            _optimizer = optim.Adam(_weights.Learning, lr: 1e-4);
            using (var drawn = randn(Batch, 3, size, size))
            using (NewDisposeScope())
            {
                _pictures = StepInputs.Laid(drawn.alias(), compute).MoveToOuterDisposeScope();
            }

            Step();
            Before = Tensor.TotalCount;
        }

        public long Weights => _network.parameters().Sum(p => p.numel());

        public long Before { get; }

        public void Step()
        {
            using var scope = NewDisposeScope();
            var loss = F.cross_entropy(_network.call(_pictures).to(ScalarType.Float32).mean([2, 3]), _labels);
            loss.backward();
            _weights.TakeGradients();
            _optimizer.step();
            _weights.ZeroGrad();
            _weights.GiveBack();
            _ = loss.item<float>();
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _weights.Dispose();
            _network.Dispose();
            _pictures.Dispose();
            _labels.Dispose();
        }
    }
}
