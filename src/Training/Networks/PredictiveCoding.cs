using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Networks;

/// <summary>SSPL's predictive coding module, to be trained: what <see cref="PredictiveCodingGraph"/> writes, with the same names and formulas.</summary>
internal sealed class PredictiveCoding
{
    private const int Levels = PredictiveCodingGraph.Levels, Cycles = PredictiveCodingGraph.Cycles;

    private readonly List<(string Name, nn.Module Module)> _parts = [];
    private readonly Conv2d[] _predict;
    private readonly ConvTranspose2d[] _correct;
    private readonly Parameter[] _gain, _share;
    private readonly BatchNorm2d[] _predicted, _corrected, _predictedStep, _correctedStep;

    /// <summary>Makes it.</summary>
    /// <param name="channels">Of the map.</param>
    /// <param name="sound">Length of the audio embedding.</param>
    public PredictiveCoding(int channels, int sound)
    {
        _predict =
        [
            nn.Conv2d(channels, sound, 1),
            .. Enumerable.Range(1, Levels - 1).Select(_ => nn.Conv2d(channels, channels, 3, padding: 1, bias: false)),
        ];
        _correct =
        [
            nn.ConvTranspose2d(sound, channels, 1, bias: false), nn.ConvTranspose2d(channels, channels, 3, stride: 2, bias: false),
            nn.ConvTranspose2d(channels, channels, 3, padding: 1, bias: false), nn.ConvTranspose2d(channels, channels, 1),
        ];
        Add("PredProcess", [_predict[0], .. _predict[1..].Select(c => Named("conv2d", c))]);
        Add("ErrorProcess", [_correct[0], _correct[1], Named("convtrans2d", _correct[2]), _correct[3]]);
        _share = Numbers("b0", channels, 0.5);
        _gain = Numbers("a0", channels, 1);
        _predicted = Norms("BNPred", Levels - 1, channels);
        _corrected = Norms("BNError", Levels, channels);
        _predictedStep = Norms("BNPred_step", (Levels - 1) * Cycles, channels);
        _correctedStep = Norms("BNError_step", Levels * Cycles, channels);
    }

    /// <summary>Registers its parts in a network, as the published file has them: without a name of its own.</summary>
    public void RegisterIn(nn.Module network)
    {
        foreach (var (name, module) in _parts)
        {
            network.register_module(name, module);
        }
    }

    /// <summary>The map as it is when it knows what is heard.</summary>
    /// <param name="picture">[N, C, 14, 14].</param>
    /// <param name="heard">Audio embeddings of length 1 [N, A].</param>
    public Tensor Refine(Tensor picture, Tensor heard)
    {
        using var scope = NewDisposeScope();
        var predicted = new Tensor[Levels];
        predicted[Levels - 1] = picture;
        for (var level = Levels - 1; level > 0; level--)
        {
            predicted[level - 1] = _predicted[level - 1].call(Predict(predicted[level], level)).gelu();
        }

        var state = (Tensor[])predicted.Clone();
        Correct(_corrected, 0);
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            state[Levels - 1] = Mix(Levels - 1).gelu();
            for (var level = Levels - 1; level > 0; level--)
            {
                predicted[level - 1] = Predict(state[level], level);
                state[level - 1] = _predictedStep[(Levels - 1) * cycle + level - 1].call(Mix(level - 1)).gelu();
            }

            Correct(_correctedStep, Levels * cycle);
        }

        return _correct[Levels].call(state[Levels - 1]).MoveToOuterDisposeScope();

        Tensor Predict(Tensor above, int level) => F.max_pool2d(_predict[level].call(above), 2, 2);

        Tensor Mix(int level)
        {
            var share = _share[level].relu();
            return ((1 - share) * state[level]) + (share * predicted[level]);
        }

        void Correct(BatchNorm2d[] norms, int first)
        {
            var sound = _predict[0].call(state[0]).gelu().mean([-2, -1]);
            var error = _correct[0].call((heard - sound).unsqueeze(2).unsqueeze(3));
            for (var level = 0; level < Levels; level++)
            {
                state[level] = norms[first + level].call(state[level] + (_gain[level].relu() * error)).gelu();
                if (level < Levels - 1)
                {
                    error = Upwards(state[level] - predicted[level], level + 1);
                }
            }
        }

        Tensor Upwards(Tensor error, int level) => level == 1
            ? _correct[1].call(error)
            : _correct[2].call(F.interpolate(error, scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: true));
    }

    private void Add(string name, nn.Module[] modules) => _parts.Add((name, nn.ModuleList(modules)));

    private static Sequential Named(string name, nn.Module<Tensor, Tensor> module) => nn.Sequential((name, module));

    private Parameter[] Numbers(string name, int channels, double value)
    {
        Parameter[] numbers = [.. Enumerable.Range(0, Levels).Select(_ => nn.Parameter(full(1, channels, 1, 1, value, ScalarType.Float32)))];
        _parts.Add((name, new Bag(numbers)));
        return numbers;
    }

    private BatchNorm2d[] Norms(string name, int count, int channels)
    {
        BatchNorm2d[] norms = [.. Enumerable.Range(0, count).Select(_ => nn.BatchNorm2d(channels))];
        Add(name, norms);
        return norms;
    }

    /// <summary>Parameters by number.</summary>
    private sealed class Bag : nn.Module
    {
        public Bag(Parameter[] numbers) : base(nameof(Bag))
        {
            for (var i = 0; i < numbers.Length; i++)
            {
                register_parameter(FormattableString.Invariant($"{i}"), numbers[i]);
            }
        }
    }
}
