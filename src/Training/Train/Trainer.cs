using System.Diagnostics;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>How a run ended.</summary>
/// <param name="State">Where it is.</param>
/// <param name="Why">Why it ended, for people.</param>
/// <param name="Finished">Whether there is nothing left to do; otherwise it can be resumed.</param>
public sealed record TrainOutcome(TrainState State, string Why, bool Finished);

/// <summary>
/// The loop: batches in, gradients, a step of the optimizer; after each epoch it is judged and written down. What a step computes follows from
/// (seed, epoch, batch), the weights, the optimizer's state and torch's random numbers, all of which are in the checkpoint: a run that was killed goes on as
/// if it had not been (bit by bit with one thread).
/// </summary>
public sealed class Trainer : IDisposable
{
    private static readonly TimeSpan Telling = TimeSpan.FromSeconds(0.5);
    private readonly TrainingMethod _method;
    private readonly BatchLoader _loader;
    private readonly TrainSettings _settings;
    private readonly TrainFolder _folder;
    private readonly IJudge? _judge;
    private readonly ILog _log;
    private readonly IClock _clock;
    private readonly Device _device;
    private readonly IReadOnlyList<string> _frozen;
    private readonly MasterWeights _weights;
    private readonly WeightAverage? _average;
    private readonly OptimizerHelper _optimizer;
    private readonly LearningRate _rate;
    private readonly LossMeter _meter;
    private TrainState _state = new();
    private TimeSpan _began;
    private double _secondsBefore;

    /// <summary>Sets up a run. Torch's random numbers are seeded before, since the network's initial weights come of them.</summary>
    /// <param name="method">The method, its network on the device.</param>
    /// <param name="loader">The training data.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="folder">Where the run is written down.</param>
    /// <param name="judge">Judges it after each epoch; null for none.</param>
    /// <param name="clock">Time.</param>
    /// <param name="log">Told what happens.</param>
    /// <param name="device">Where the network is.</param>
    public Trainer(
        TrainingMethod method, BatchLoader loader, TrainSettings settings, TrainFolder folder, IJudge? judge, IClock clock, ILog log, Device device)
    {
        (_method, _loader, _settings, _folder, _judge, _clock, _log, _device) = (method, loader, settings, folder, judge, clock, log, device);
        _frozen = Freezing.Apply(method.Network, settings.Tuning.Freeze);
        _weights = new MasterWeights(method.Network, settings.Compute.Bf16, settings.Compute.ChannelsLast);
        _optimizer = Optimizers.Make(_weights.Learning, settings.Optimizer);
        _average = settings.Optimizer.Ema > 0 ? new WeightAverage(_weights.Named.Select(p => (p.Name, (Tensor)p.Value)), settings.Optimizer.Ema) : null;
        _rate = new LearningRate(settings.Optimizer, Moves, settings.Epochs);
        _meter = new LossMeter(clock);
    }

    /// <summary>Told how it goes.</summary>
    public Action<TrainProgress>? Progress { get; init; }

    /// <summary>Ends, to be resumed, when training has taken this long; null for no limit.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Goes on from the newest checkpoint of the folder.</summary>
    /// <exception cref="TrainingException">There is none, or it is of another run.</exception>
    public TrainState Resume()
    {
        if (!File.Exists(_folder.Last))
        {
            throw new TrainingException($"{_folder.Path}: has no checkpoint to resume from ({Path.GetFileName(_folder.Last)}); the run ended before its first one, start it anew");
        }

        _state = TrainCheckpoint.Load(_folder.Last, _weights, _average, _optimizer);
        _secondsBefore = _state.Seconds;
        _folder.TakeBack(_state.Step);
        return _state;
    }

    /// <summary>Trains until all epochs are done, it no longer gets better, the time is over, or it is stopped.</summary>
    public TrainOutcome Run(CancellationToken stop)
    {
        _began = _clock.Now;
        var saved = _began;
        while (_state.Epoch < _settings.Epochs)
        {
            Freezing.Train(_method.Network, _frozen);
            _meter.Restart();
            foreach (var batch in _loader.Epoch(_state.Epoch, _state.Batch, CancellationToken.None))
            {
                Step(batch);
                if (AtMove && Interrupted(stop) is { } why)
                {
                    return End(why, finished: false);
                }

                if (_clock.Now - saved > TimeSpan.FromMinutes(_settings.Compute.CheckpointMinutes) && AtMove)
                {
                    Save();
                    saved = _clock.Now;
                }
            }

            _state = _state with { Epoch = _state.Epoch + 1, Batch = 0 };
            Judge(stop);
            Save();
            saved = _clock.Now;
            if (_settings.Validation.Patience > 0 && _state.SinceBest >= _settings.Validation.Patience)
            {
                return End($"no better than after epoch {_state.BestEpoch} for {_state.SinceBest} validations", finished: true);
            }
        }

        return End($"all {_settings.Epochs} epochs are done", finished: true);
    }

    /// <summary>The weights that would be exported now, at full precision: the moving averages, where there are any.</summary>
    public byte[] Weights()
    {
        Swap();
        var bytes = WeightFile.ToBytes(_weights.State());
        Swap();
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _average?.Dispose();
        _weights.Dispose();
    }

    /// <summary>Steps of the optimizer in an epoch; what is left over at its end makes a step of its own.</summary>
    private int Moves => (_loader.Steps + _settings.Accumulate - 1) / _settings.Accumulate;

    /// <summary>Whether no gradients are waiting: only then is a checkpoint everything.</summary>
    private bool AtMove => _state.Batch % _settings.Accumulate == 0;

    private void Step(Batch batch)
    {
        using (batch)
        using (NewDisposeScope())
        {
            var loss = _method.Loss(StepInputs.Of(batch, _device, _settings.Compute, _settings.Tuning.StepsBefore + _state.Step));
            var value = loss.Total.to(ScalarType.Float32).item<float>();
            if (!float.IsFinite(value))
            {
                throw NotANumber(batch, $"the loss is {value}");
            }

            (_settings.Accumulate > 1 ? loss.Total / _settings.Accumulate : loss.Total).backward();
            _weights.TakeGradients();
            _state = _state with { Batch = _state.Batch + 1, Pairs = _state.Pairs + batch.Size };
            if (AtMove || _state.Batch == _loader.Steps)
            {
                Move(batch);
            }

            _meter.Add(value, loss.Parts, batch.Size);
        }

        if (_meter.Since >= Telling || _state.Batch == _loader.Steps)
        {
            Tell();
        }
    }

    /// <summary>One step of the optimizer.</summary>
    private void Move(Batch batch)
    {
        if (_settings.Optimizer.Clip > 0 && nn.utils.clip_grad_norm_(_weights.Learning, _settings.Optimizer.Clip) is var norm && !double.IsFinite(norm))
        {
            throw NotANumber(batch, $"the gradient's norm is {norm}");
        }

        Optimizers.SetRate(_optimizer, _rate.At(_state.Step));
        _optimizer.step();
        _weights.ZeroGrad();
        _weights.GiveBack();
        _method.AfterStep();
        _state = _state with { Step = _state.Step + 1 };
        _average?.Follow(_state.Step);
    }

    private void Judge(CancellationToken stop)
    {
        if (_judge is null || (_state.Epoch % _settings.Validation.Every != 0 && _state.Epoch < _settings.Epochs))
        {
            return;
        }

        Swap();
        _method.Network.eval();
        try
        {
            var watch = Stopwatch.StartNew();
            IReadOnlyList<Score> scores;
            using (no_grad())
            using (NewDisposeScope())
            {
                scores = _judge.Judge(_method, Path.Combine(_folder.Sheets, $"epoch-{_state.Epoch:000}.png"), stop);
            }

            Note(scores, watch.Elapsed);
        }
        finally
        {
            Swap();
        }
    }

    private void Note(IReadOnlyList<Score> scores, TimeSpan took)
    {
        var wanted = _settings.Validation.Best;
        var chief = wanted.Length == 0 ? scores[0] : scores.FirstOrDefault(s => s.Name == wanted);
        if (chief.Name is null)
        {
            throw new TrainingException($"validation.best = {wanted}: there is no such score; there are {string.Join(", ", scores.Select(s => s.Name))}");
        }

        var better = _state.Best is not { } best || chief.Value > best;
        _state = better
            ? _state with { Best = chief.Value, BestEpoch = _state.Epoch, SinceBest = 0 }
            : _state with { SinceBest = _state.SinceBest + 1 };
        if (better)
        {
            // The averages are in the network just now.
            _folder.WriteWhole(Path.GetFileName(_folder.Best), WeightFile.ToBytes(_weights.State()));
        }

        _log.Info($"epoch {_state.Epoch}: {string.Join(", ", scores.Select(s => FormattableString.Invariant($"{s.Name} {s.Value:0.000}")))}{(better ? " (best)" : "")}");
        var line = new Dictionary<string, object>
        {
            ["validation"] = true, ["epoch"] = _state.Epoch, ["step"] = _state.Step, ["pairs"] = _state.Pairs, ["seconds"] = Math.Round(Seconds, 1),
            ["judging_seconds"] = Math.Round(took.TotalSeconds, 1),
        };
        foreach (var score in scores)
        {
            line[score.Name] = score.Value;
        }

        _folder.Append(line);
        _folder.WriteTable();
    }

    private double Seconds => _secondsBefore + (_clock.Now - _began).TotalSeconds;

    private string? Interrupted(CancellationToken stop) =>
        stop.IsCancellationRequested ? "stopped" : Limit is { } limit && Seconds >= limit.TotalSeconds ? $"{limit.TotalMinutes:0.##} minutes are over" : null;

    private TrainOutcome End(string why, bool finished)
    {
        Save();
        return new TrainOutcome(_state, why, finished);
    }

    private void Save()
    {
        _state = _state with { Seconds = Seconds };
        TrainCheckpoint.Save(_folder.Last, _state, _weights, _average, _optimizer);
    }

    /// <summary>Averages into the network, or out of it.</summary>
    private void Swap()
    {
        _average?.Swap();
        _weights.GiveBack();
    }

    private void Tell()
    {
        var (loss, parts, perSecond) = _meter.Take();
        var left = ((double)(_settings.Epochs - _state.Epoch) * _loader.Steps - _state.Batch) * _settings.Batch / Math.Max(1e-9, perSecond);
        left = Limit is { } limit ? Math.Min(left, limit.TotalSeconds - Seconds) : left;
        var progress = new TrainProgress(
            _state.Epoch + 1, _settings.Epochs, _state.Batch, _loader.Steps, loss, parts, perSecond, TimeSpan.FromSeconds(Math.Clamp(left, 0, 1e8)),
            Environment.WorkingSet / 1e6, Tensor.TotalCount);
        Progress?.Invoke(progress);
        var line = new Dictionary<string, object>
        {
            ["epoch"] = _state.Epoch + (double)_state.Batch / _loader.Steps, ["step"] = _state.Step, ["seconds"] = Math.Round(Seconds, 1), ["loss"] = loss,
            ["rate"] = _rate.At(Math.Max(0, _state.Step - 1)), ["pairs_per_second"] = Math.Round(perSecond, 2), ["memory_mb"] = Math.Round(progress.MemoryMb), ["tensors"] = progress.Handles,
        };
        foreach (var (name, value) in parts)
        {
            line["loss_" + name] = value;
        }

        _folder.Append(line);
    }

    private TrainingException NotANumber(Batch batch, string what)
    {
        using var pictures = tensor(batch.Pictures[0], [batch.Size, 3, batch.Plan.Image.Height, batch.Plan.Image.Width]);
        using var sounds = tensor(batch.Sounds[0], [batch.Size, 1, batch.Plan.Audio.Rows, batch.Plan.Audio.Columns]);
        _folder.WriteWhole("not-a-number.safetensors", WeightFile.ToBytes(new Dictionary<string, Tensor> { ["pictures"] = pictures, ["sounds"] = sounds }));
        _folder.WriteWhole("not-a-number.txt", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', batch.Infos.Select(i => i.Id)) + "\n"));
        return new TrainingException(
            $"epoch {_state.Epoch + 1}, batch {_state.Batch + 1}: {what}. The batch is in {_folder.Path}/not-a-number.safetensors (and .txt: its names). "
            + $"Try a lower optimizer.rate (here {_settings.Optimizer.Rate}), optimizer.clip 1, or bf16 off");
    }
}
