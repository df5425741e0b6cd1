using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// ResNet-18 without its classifier, to be trained (He et al., "Deep residual learning for image recognition", CVPR 2016): [N, channels, H, W] to
/// [N, 8 width, h, w] after the last ReLU. What <see cref="ResNet18Graph"/> writes, with the same names, which are torchvision's; AVENet's trunks of
/// LVS and SSLalign have three stems each (<c>conv1_a</c>, <c>conv1</c>, <c>conv1_flow</c>) and a classifier, of which one stem is used.
/// </summary>
public sealed class ResNet18 : nn.Module<Tensor, Tensor>
{
    // Registered under their names: those of the checkpoints.
    private readonly Conv2d? conv1_a;
    private readonly Conv2d? conv1;
    private readonly Conv2d? conv1_flow;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1, layer2, layer3, layer4;
    private readonly Linear? fc;
    private readonly bool _usesA;

    /// <summary>torchvision's: one stem, <c>conv1</c>.</summary>
    /// <param name="channels">Channels of the input: 3 for pictures, 1 for spectrograms, 2 for flow.</param>
    /// <param name="width">Channels of the first layer; 64 in all published networks.</param>
    /// <param name="lastStride">Stride of layer 4: 2 as in torchvision (map of 1/32), 1 for a map twice as fine.</param>
    public ResNet18(int channels, int width = 64, int lastStride = 2) : base(nameof(ResNet18))
    {
        conv1 = Stem(channels, width);
        (bn1, layer1, layer2, layer3, layer4) = Body(width, lastStride);
        RegisterComponents();
        Initial.ConvolutionsByFanOut(this);
    }

    /// <summary>AVENet's: all three stems and a classifier, so that its state is that of the published files.</summary>
    /// <param name="sound">Whether <c>conv1_a</c> is used, or <c>conv1</c>.</param>
    /// <param name="width">Channels of the first layer; 64 in all published networks.</param>
    public ResNet18(bool sound, int width = 64) : base(nameof(ResNet18))
    {
        _usesA = sound;
        conv1_a = Stem(1, width);
        conv1 = Stem(3, width);
        conv1_flow = Stem(6, width);
        (bn1, layer1, layer2, layer3, layer4) = Body(width, lastStride: 1);
        fc = nn.Linear(8 * width, 1000);
        RegisterComponents();
        Initial.ConvolutionsByFanOut(this);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = F.relu(bn1.call((_usesA ? conv1_a! : conv1!).call(input)), inplace: true);
        x = F.max_pool2d(x, 3, 2, 1);
        return layer4.call(layer3.call(layer2.call(layer1.call(x)))).MoveToOuterDisposeScope();
    }

    private static Conv2d Stem(int channels, int width) => nn.Conv2d(channels, width, 7, stride: 2, padding: 3, bias: false);

    private static (BatchNorm2d, Sequential, Sequential, Sequential, Sequential) Body(int width, int lastStride) =>
        (nn.BatchNorm2d(width), Layer(width, width, 1), Layer(width, 2 * width, 2), Layer(2 * width, 4 * width, 2), Layer(4 * width, 8 * width, lastStride));

    private static Sequential Layer(int from, int to, int stride) =>
        nn.Sequential(new BasicBlock(from, to, stride, resample: from != to), new BasicBlock(to, to, 1, resample: false));

    /// <summary>Two 3x3 convolutions and a way past them.</summary>
    private sealed class BasicBlock : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1;
        private readonly BatchNorm2d bn1;
        private readonly Conv2d conv2;
        private readonly BatchNorm2d bn2;
        private readonly Sequential? downsample;

        public BasicBlock(int from, int to, int stride, bool resample) : base(nameof(BasicBlock))
        {
            conv1 = nn.Conv2d(from, to, 3, stride, 1, bias: false);
            bn1 = nn.BatchNorm2d(to);
            conv2 = nn.Conv2d(to, to, 3, 1, 1, bias: false);
            bn2 = nn.BatchNorm2d(to);
            downsample = resample ? nn.Sequential(nn.Conv2d(from, to, 1, stride, bias: false), nn.BatchNorm2d(to)) : null;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var y = F.relu(bn1.call(conv1.call(input)), inplace: true);
            y = bn2.call(conv2.call(y));
            return F.relu(y.add_(downsample?.call(input) ?? input), inplace: true).MoveToOuterDisposeScope();
        }
    }
}
