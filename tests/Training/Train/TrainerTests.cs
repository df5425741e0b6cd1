using System.Text.Json;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Training.Train;

using Methods = RealtimeSsl.Cli.Learning.Methods;

/// <summary>What a run computes and writes down. Torch's seed is the process's, so one test after the other.</summary>
[Collection("libtorch")]
public sealed class TrainerTests : IDisposable
{
    private readonly TrainFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public void A_stopped_run_goes_on_to_the_same_weights(int accumulate, bool reduced)
    {
        var settings = TrainFixture.Small with { Accumulate = accumulate };
        settings = settings with { Compute = settings.Compute with { Bf16 = reduced, ChannelsLast = reduced } };
        var (whole, parts) = (_runs.Folder("whole"), _runs.Folder("parts"));
        _runs.Run(whole, settings).Method.Dispose();
        var (first, outcome) = _runs.Run(parts, settings, stopAfter: 6);
        first.Dispose();
        Assert.False(outcome.Finished);
        Assert.Equal(6, outcome.State.Batch);
        var (second, end) = _runs.Run(parts, settings, resume: true);
        second.Dispose();
        Assert.True(end.Finished);
        Assert.Equal(File.ReadAllBytes(whole.Final), File.ReadAllBytes(parts.Final));
        Assert.Equal(128, end.State.Pairs);
    }

    [Fact]
    public void The_loss_falls_and_no_tensor_is_left_behind()
    {
        var folder = _runs.Folder("run");
        var settings = TrainFixture.Small with { Epochs = 8, Optimizer = TrainFixture.Small.Optimizer with { Rate = 3e-3 } };
        _runs.Run(folder, settings).Method.Dispose();
        var lines = File.ReadLines(Path.Combine(folder.Path, "metrics.jsonl")).Select(l => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(l)!).ToList();
        var tensors = lines.Select(l => l["tensors"].GetInt64()).ToList();
        Assert.True(lines[^1]["loss"].GetDouble() < lines[0]["loss"].GetDouble() - 0.1, string.Join(" ", lines.Select(l => l["loss"])));
        Assert.True(tensors[^1] <= tensors[1], string.Join(" ", tensors));
    }

    [Fact]
    public void What_is_frozen_does_not_move()
    {
        using var generator = manual_seed(1);
        using var fresh = Methods.Make(TrainFixture.Small);
        var before = TrainFixture.Values(fresh.Network);
        var (method, _) = _runs.Run(_runs.Folder("run"), TrainFixture.Small with { Tuning = new TuningSettings { Freeze = FreezeKind.Trunks } });
        using (method)
        {
            foreach (var (name, value) in TrainFixture.Values(method.Network))
            {
                Assert.Equal(name.StartsWith("imgnet.", StringComparison.Ordinal) || name.StartsWith("audnet.", StringComparison.Ordinal), before[name].SequenceEqual(value));
            }
        }

        using var other = Methods.Make(TrainFixture.Small with { Method = "lvs", Options = new MethodOptions { Width = 8 } });
        Assert.Equal(["audnet"], Freezing.Apply(other.Network, FreezeKind.Audio));
    }

    [Fact]
    public void Half_precision_follows_full_precision_and_keeps_full_weights()
    {
        var settings = TrainFixture.Small with { Epochs = 1 };
        var half = settings with { Compute = settings.Compute with { Bf16 = true, ChannelsLast = true } };
        var (a, b) = (_runs.Folder("full"), _runs.Folder("half"));
        _runs.Run(a, settings).Method.Dispose();
        _runs.Run(b, half).Method.Dispose();
        using var one = Methods.Make(settings);
        using var other = Methods.Make(settings);
        Assert.Empty(WeightFile.Load(a.Final, one.Network).Missing);
        Assert.Empty(WeightFile.Load(b.Final, other.Network).Missing);
        var (full, rounded) = (TrainFixture.Values(one.Network), TrainFixture.Values(other.Network));
        foreach (var (name, value) in full.Where(v => v.Key.EndsWith(".weight", StringComparison.Ordinal)))
        {
            // Eight steps of at most 0.001, whatever the gradients were.
            Assert.All(value.Zip(rounded[name]), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 0.02));
        }

        // Not the numbers of bfloat16: the last 16 bits are in use.
        Assert.Contains(rounded["img_proj.weight"], w => (BitConverter.SingleToInt32Bits(w) & 0xffff) != 0);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_run_with_its_batch()
    {
        var folder = _runs.Folder("run");
        var error = Assert.Throws<TrainingException>(() => _runs.Run(folder, TrainFixture.Small, wrap: m => new Broken(m)));
        Assert.Contains("epoch 1, batch 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("optimizer.rate", error.Message, StringComparison.Ordinal);
        using var batch = RealtimeSsl.Training.Import.Checkpoint.Open(Path.Combine(folder.Path, "not-a-number.safetensors"));
        Assert.Equal([8, 3, 32, 32], batch.Tensors["pictures"].Shape);
        Assert.Equal(8, File.ReadAllLines(Path.Combine(folder.Path, "not-a-number.txt")).Length);
    }

    [Fact]
    public void It_ends_without_labels_when_it_no_longer_gets_better_and_keeps_the_best()
    {
        var folder = _runs.Folder("run");
        var settings = TrainFixture.Small with { Epochs = 20, Validation = new ValidationSettings { Patience = 2 } };
        var (method, outcome) = _runs.Run(folder, settings, judge: new Scripted(0.3, 0.7, 0.6, 0.65, 0.9));
        method.Dispose();
        Assert.Equal((4, 2, 0.7), (outcome.State.Epoch, outcome.State.BestEpoch, outcome.State.Best));
        Assert.True(File.Exists(folder.Best));
        Assert.Equal(["0.3", "0.7", "0.6", "0.65"], File.ReadLines(Path.Combine(folder.Path, "metrics.csv")).Skip(1).Select(l => l.Split(',')[^1]));
        var unknown = settings with { Validation = new ValidationSettings { Best = "no_such" } };
        Assert.Contains("there are score", Assert.Throws<TrainingException>(() => _runs.Run(_runs.Folder("other"), unknown, judge: new Scripted(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_network_or_a_cut_one_is_refused()
    {
        var folder = _runs.Folder("run");
        _runs.Run(folder, TrainFixture.Small with { Epochs = 1 }).Method.Dispose();
        var other = TrainFixture.Small with { Method = "lvs", Options = new MethodOptions { Width = 8 } };
        Assert.Contains("other settings", Assert.Throws<TrainingException>(() => _runs.Run(folder, other, resume: true)).Message, StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(folder.Last);
        File.WriteAllBytes(folder.Last, bytes[..(bytes.Length / 2)]);
        Assert.Contains(folder.Last, Assert.Throws<TrainingException>(() => _runs.Run(folder, TrainFixture.Small, resume: true)).Message, StringComparison.Ordinal);
        Assert.Contains("no checkpoint", Assert.Throws<TrainingException>(() => _runs.Run(_runs.Folder("empty"), TrainFixture.Small, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_learning_rate_rises_and_falls_as_the_schedule_says()
    {
        var cosine = new LearningRate(new OptimizerSettings { Rate = 1, WarmupSteps = 4, Schedule = ScheduleKind.Cosine, FinalShare = 0.1 }, 10, 10);
        Assert.Equal([0.25, 0.5, 0.75, 1, 1], Enumerable.Range(0, 5).Select(s => cosine.At(s)));
        Assert.Equal(0.1, cosine.At(99), 9);
        Assert.Equal(0.1, cosine.At(1000), 9);
        Assert.InRange(cosine.At(51), 0.5, 0.6);
        var steps = new LearningRate(new OptimizerSettings { Rate = 1, Schedule = ScheduleKind.Multistep, Milestones = "2, 5", Gamma = 0.1 }, 10, 10);
        Assert.Equal([1, 0.1, 0.1, 0.01], new long[] { 19, 20, 49, 50 }.Select(s => Math.Round(steps.At(s), 9)));
    }

    /// <summary>Divides by zero at the third batch.</summary>
    private sealed class Broken(TrainingMethod inner) : TrainingMethod
    {
        private int _batches;

        public override string Id => inner.Id;

        public override nn.Module Network => inner.Network;

        public override RealtimeSsl.Training.Augment.ViewPlan Views(
            RealtimeSsl.Pipeline.ImageFrontEnd image, RealtimeSsl.Pipeline.AudioFrontEnd audio, RealtimeSsl.Training.Data.Neighbours? pictures, RealtimeSsl.Training.Data.Neighbours? sounds) =>
            inner.Views(image, audio, pictures, sounds);

        public override StepLoss Loss(StepInput input)
        {
            var loss = inner.Loss(input);
            return ++_batches < 3 ? loss : new StepLoss(loss.Total * double.NaN, loss.Parts);
        }

        public override Tensor Heatmap(Tensor pictures, Tensor sounds) => inner.Heatmap(pictures, sounds);

        public override (Tensor Pictures, Tensor Sounds) Embed(Tensor pictures, Tensor sounds) => inner.Embed(pictures, sounds);
    }

    /// <summary>Says what it is told to.</summary>
    private sealed class Scripted(params double[] scores) : IJudge
    {
        private int _next;

        public IReadOnlyList<Score> Judge(TrainingMethod method, string? sheet, CancellationToken stop) => [new("score", scores[_next++])];
    }
}
