using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Networks;

/// <summary>MobileNetV2 without its classifier, to be trained: what <see cref="MobileNetV2Graph"/> writes, with the same names.</summary>
public sealed class MobileNetV2 : nn.Module<Tensor, Tensor>
{
    // Registered under its name: that of the checkpoints.
    private readonly Sequential features = nn.Sequential();

    /// <summary>Makes it, its weights as torchvision begins.</summary>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="lastStride">Stride of the last down-sampling block: 2 as in torchvision, 1 for a map twice as fine.</param>
    public MobileNetV2(int channels, int lastStride = 2) : base(nameof(MobileNetV2))
    {
        features.append(Step(channels, 32, 3, 2, 1));
        foreach (var block in MobileNetV2Graph.Blocks())
        {
            features.append(new Block(block.From, block.Inner, block.To, block.Stride, block is { Stride: 2, To: 160 } ? lastStride : block.Stride));
        }

        features.append(Step(320, MobileNetV2Graph.Channels, 1, 1, 1));
        RegisterComponents();
        Initial.ConvolutionsByFanOut(this);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => features.call(input);

    private static Sequential Step(int from, int to, int kernel, int stride, int groups) => nn.Sequential(
        nn.Conv2d(from, to, kernel, stride, kernel / 2, groups: groups, bias: false), nn.BatchNorm2d(to), nn.ReLU6());

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential conv = nn.Sequential();
        private readonly bool _past;

        public Block(int from, int inner, int to, int plannedStride, int stride) : base(nameof(Block))
        {
            if (inner != from)
            {
                conv.append(Step(from, inner, 1, 1, 1));
            }

            conv.append(Step(inner, inner, 3, stride, inner));
            conv.append(nn.Conv2d(inner, to, 1, bias: false));
            conv.append(nn.BatchNorm2d(to));
            _past = plannedStride == 1 && from == to;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var y = conv.call(input);
            return _past ? y.add_(input) : y;
        }
    }
}

/// <summary>MobileNetV3-Small without its classifier, to be trained: what <see cref="MobileNetV3SmallGraph"/> writes, with the same names.</summary>
public sealed class MobileNetV3Small : nn.Module<Tensor, Tensor>
{
    private const double Momentum = 0.01;

    // Registered under its name: that of the checkpoints.
    private readonly Sequential features = nn.Sequential();

    /// <summary>Makes it, its weights as torchvision begins.</summary>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="lastStride">Stride of the last down-sampling block: 2 as in torchvision, 1 for a map twice as fine.</param>
    public MobileNetV3Small(int channels, int lastStride = 2) : base(nameof(MobileNetV3Small))
    {
        features.append(Step(channels, 16, 3, 2, 1, nn.Hardswish()));
        foreach (var block in MobileNetV3SmallGraph.Plan)
        {
            features.append(new Block(block, block is { Stride: 2, To: 96 } ? lastStride : block.Stride));
        }

        features.append(Step(96, MobileNetV3SmallGraph.Channels, 1, 1, 1, nn.Hardswish()));
        RegisterComponents();
        Initial.ConvolutionsByFanOut(this);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => features.call(input);

    private static Sequential Step(int from, int to, int kernel, int stride, int groups, nn.Module<Tensor, Tensor>? activation)
    {
        var step = nn.Sequential(
            nn.Conv2d(from, to, kernel, stride, kernel / 2, groups: groups, bias: false), nn.BatchNorm2d(to, MobileNetV3SmallGraph.Epsilon, Momentum));
        return activation is null ? step : step.append(activation);
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential block = nn.Sequential();
        private readonly bool _past;

        public Block(MobileNetV3SmallGraph.Block plan, int stride) : base(nameof(Block))
        {
            if (plan.Inner != plan.From)
            {
                block.append(Step(plan.From, plan.Inner, 1, 1, 1, Activation()));
            }

            block.append(Step(plan.Inner, plan.Inner, plan.Kernel, stride, plan.Inner, Activation()));
            if (plan.Gated)
            {
                block.append(new Gate(plan.Inner, plan.Squeezed));
            }

            block.append(Step(plan.Inner, plan.To, 1, 1, 1, null));
            _past = plan.Stride == 1 && plan.From == plan.To;
            RegisterComponents();

            nn.Module<Tensor, Tensor> Activation() => plan.HardSwish ? nn.Hardswish() : nn.ReLU();
        }

        public override Tensor forward(Tensor input)
        {
            var y = block.call(input);
            return _past ? y.add_(input) : y;
        }
    }

    /// <summary>Squeeze and excitation: each channel weighted by what all of them are in the mean.</summary>
    private sealed class Gate : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d fc1;
        private readonly Conv2d fc2;

        public Gate(int channels, int squeezed) : base(nameof(Gate))
        {
            (fc1, fc2) = (nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var squeezed = fc1.call(nn.functional.adaptive_avg_pool2d(input, 1)).relu();
            return (input * nn.functional.hardsigmoid(fc2.call(squeezed))).MoveToOuterDisposeScope();
        }
    }
}
