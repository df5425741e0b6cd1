using RealtimeSsl.Inference.Onnx.Writer;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// A small trunk of our own for CPUs and first steps: five convolutions with batch normalisation and ReLU, cells of 1/8, 0.2 M weights. [N, channels, H,
/// W] to [N, 96, H/8, W/8]. Those with a stride are 4x4, so that each cell lies in the middle of what it sees; 3x3 ones shift the map by half a cell.
/// </summary>
public sealed class CompactTrunk : nn.Module<Tensor, Tensor>
{
    /// <summary>Channels of the map.</summary>
    public const int Channels = 96;

    private static readonly (int Channels, int Stride)[] Plan = [(24, 2), (48, 2), (64, 2), (96, 1), (Channels, 1)];
    private readonly Sequential layers;

    /// <summary>Makes it.</summary>
    /// <param name="channels">Channels of the input: 3 for pictures, 1 for spectrograms.</param>
    public CompactTrunk(int channels) : base(nameof(CompactTrunk))
    {
        layers = nn.Sequential(Each(channels).SelectMany(l => new (string, nn.Module<Tensor, Tensor>)[]
        {
            ($"conv{l.Number}", nn.Conv2d(l.From, l.To, l.Kernel, stride: l.Stride, padding: 1, bias: false)),
            ($"bn{l.Number}", nn.BatchNorm2d(l.To)),
            ($"relu{l.Number}", nn.ReLU(inplace: true)),
        }).ToList());
        RegisterComponents();
        Initial.ConvolutionsByFanOut(this);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => layers.call(input);

    /// <summary>The same as an ONNX graph, normalisations folded.</summary>
    public static string Add(GraphBuilder graph, string x, IReadOnlyDictionary<string, WeightTensor> weights, string prefix)
    {
        var written = new Layers(graph, weights, prefix + "layers.");
        foreach (var (number, _, _, _, stride) in Each(0))
        {
            x = graph.Relu(written.Convolve(x, $"conv{number}", $"bn{number}", stride, pad: 1));
        }

        return x;
    }

    /// <summary>Its tensors.</summary>
    public static IEnumerable<WeightKey> Keys(string prefix, int channels) =>
        Each(channels).SelectMany(l => WeightKey.Convolution($"{prefix}layers.conv{l.Number}", $"{prefix}layers.bn{l.Number}", l.To, l.From, l.Kernel, l.Kernel));

    private static IEnumerable<(int Number, int From, int To, int Kernel, int Stride)> Each(int channels)
    {
        for (var i = 0; i < Plan.Length; i++)
        {
            yield return (i, i == 0 ? channels : Plan[i - 1].Channels, Plan[i].Channels, Plan[i].Stride == 2 ? 4 : 3, Plan[i].Stride);
        }
    }
}
