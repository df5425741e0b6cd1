using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Import.Methods;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// A small network of our own for CPUs and first steps: five 3x3 convolutions for each of picture and sound (0.4 M weights, map of 1/8), EZ-VSL's
/// projections and multiple-instance loss (Mo and Morgado, ECCV 2022): the best cell of a picture against all sounds of the batch, and back. No
/// method of the literature; it learns in minutes what fills a simple scene.
/// </summary>
public sealed class CompactMethod : TrainingMethod
{
    /// <summary>Name of the method.</summary>
    public const string Name = "compact";

    private const double Temperature = 0.07;
    private const int Dimension = 64;
    private static readonly (int Channels, int Stride)[] Layers = [(24, 2), (48, 2), (64, 2), (96, 1), (96, 1)];
    private readonly TwoStream _network = new();

    /// <inheritdoc/>
    public override string Id => Name;

    /// <inheritdoc/>
    public override Module Network => _network;

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        var (map, sound) = _network.Both(input.Pictures[0], input.Sounds[0]);
        var best = einsum("nchw,mc->nmhw", map, sound).amax([2, 3]) / Temperature;
        var own = arange(best.shape[0], device: best.device);
        var (toSound, toPicture) = (F.cross_entropy(best, own), F.cross_entropy(best.transpose(0, 1), own));
        return new StepLoss(toSound + toPicture, [("picture_to_sound", toSound), ("sound_to_picture", toPicture)]);
    }

    /// <inheritdoc/>
    public override Tensor Heatmap(Tensor pictures, Tensor sounds)
    {
        var (map, sound) = _network.Both(pictures, sounds);
        return einsum("nchw,nc->nhw", map, sound);
    }

    /// <inheritdoc/>
    public override (Tensor Pictures, Tensor Sounds) Embed(Tensor pictures, Tensor sounds)
    {
        var (map, sound) = _network.Both(pictures, sounds);
        return (F.normalize(map.amax([2, 3]), dim: 1), sound);
    }

    /// <summary>How its weights become a package.</summary>
    public static ImportMethod Package(ImageFrontEnd image, AudioFrontEnd audio) => new()
    {
        Id = Name,
        Title = "Compact two-stream network of this project, EZ-VSL's loss",
        Required = [.. Keys("imgnet.", 3), .. WeightKey.Projection("img_proj", 96, true).Select(Sized), .. Keys("audnet.", 1), .. WeightKey.Projection("aud_proj", 96, false).Select(Sized)],
        Unused = [],
        Image = image,
        Audio = audio,
        ImageNetwork = (graph, x, weights) => graph.Conv(
            Trunk(graph, x[0], weights, "imgnet."), "img_proj", WeightTensor.Get(weights, "img_proj.weight", -1, -1, 1, 1), WeightTensor.Get(weights, "img_proj.bias", -1).Values),
        AudioNetwork = (graph, x, weights) => graph.Gemm(
            graph.GlobalMaxPool(Trunk(graph, x[0], weights, "audnet.")), "aud_proj", WeightTensor.Get(weights, "aud_proj.weight", -1, -1), WeightTensor.Get(weights, "aud_proj.bias", -1).Values),
        Upsampling = HeatmapUpsampling.CvLinear,
        Scores = new ScoreRange(0, 1),

        // Where its contrast puts own and foreign pairs on the built-in scenes; calibrate on data of one's own.
        Detection = new DetectionLimits(0.55f, 0.4f),
    };

    private static WeightKey Sized(WeightKey key) => key with { Shape = [Dimension, .. key.Shape.Skip(1)] };

    private static IEnumerable<WeightKey> Keys(string prefix, int channels)
    {
        for (var i = 0; i < Layers.Length; channels = Layers[i++].Channels)
        {
            var to = Layers[i].Channels;
            yield return new WeightKey($"{prefix}conv{i}.weight", [to, channels, 3, 3]);
            yield return new WeightKey($"{prefix}bn{i}.weight", [to], 1);
            yield return new WeightKey($"{prefix}bn{i}.bias", [to], 0);
            yield return new WeightKey($"{prefix}bn{i}.running_mean", [to], 0);
            yield return new WeightKey($"{prefix}bn{i}.running_var", [to], 1);
        }
    }

    /// <summary>The trunk as ONNX, its normalisations folded into the convolutions.</summary>
    private static string Trunk(GraphBuilder graph, string x, IReadOnlyDictionary<string, WeightTensor> weights, string prefix)
    {
        for (var i = 0; i < Layers.Length; i++)
        {
            var to = Layers[i].Channels;
            var kernel = WeightTensor.Get(weights, $"{prefix}conv{i}.weight", to, -1, 3, 3);
            var (gamma, beta) = (WeightTensor.Get(weights, $"{prefix}bn{i}.weight", to).Values, WeightTensor.Get(weights, $"{prefix}bn{i}.bias", to).Values);
            var (mean, variance) = (WeightTensor.Get(weights, $"{prefix}bn{i}.running_mean", to).Values, WeightTensor.Get(weights, $"{prefix}bn{i}.running_var", to).Values);
            var gain = gamma.Select((g, c) => g / Math.Sqrt(variance[c] + 1e-5)).ToArray();
            var each = kernel.Values.Length / to;
            var folded = kernel with { Values = [.. kernel.Values.Select((w, n) => (float)(w * gain[n / each]))] };
            x = graph.Relu(graph.Conv(x, $"{prefix}conv{i}", folded, [.. beta.Select((b, c) => (float)(b - mean[c] * gain[c]))], Layers[i].Stride, 1));
        }

        return x;
    }

    private sealed class TwoStream : Module
    {
        private readonly Sequential imgnet = Convolutions(3);
        private readonly Sequential audnet = Convolutions(1);
        private readonly Conv2d img_proj = Conv2d(Layers[^1].Channels, Dimension, 1);
        private readonly Linear aud_proj = Linear(Layers[^1].Channels, Dimension);

        public TwoStream() : base(Name) => RegisterComponents();

        /// <summary>Unit vectors of each cell [N, C, h, w] and of each sound [N, C].</summary>
        public (Tensor Map, Tensor Sound) Both(Tensor pictures, Tensor sounds) =>
            (F.normalize(img_proj.call(imgnet.call(pictures)).to(ScalarType.Float32), dim: 1),
             F.normalize(aud_proj.call(audnet.call(sounds).amax([2, 3])).to(ScalarType.Float32), dim: 1));

        private static Sequential Convolutions(int channels)
        {
            List<(string, Module<Tensor, Tensor>)> layers = [];
            for (var i = 0; i < Layers.Length; channels = Layers[i++].Channels)
            {
                layers.Add(($"conv{i}", Conv2d(channels, Layers[i].Channels, 3, stride: Layers[i].Stride, padding: 1, bias: false)));
                layers.Add(($"bn{i}", BatchNorm2d(Layers[i].Channels)));
                layers.Add(($"relu{i}", ReLU(inplace: true)));
            }

            return Sequential(layers);
        }
    }
}
