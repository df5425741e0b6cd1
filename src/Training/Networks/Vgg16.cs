using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Networks;

/// <summary>VGG16 up to conv5_3 and the like, to be trained: what <see cref="Vgg16Graph"/> writes, with the same names.</summary>
internal static class Vgg16
{
    /// <summary>VGG16 up to its last convolution, without the ReLU after it: [N, 3, H, W] to [N, 8 width, H / 16, W / 16].</summary>
    public static Sequential Make(int width) => Stack(Vgg16Graph.Plan, 3, width, lastRelu: false);

    /// <summary>3x3 convolutions with bias and ReLU, and poolings of 2x2: the plan of any VGG.</summary>
    /// <param name="plan">Widths in parts of the first, and 0 for a pooling.</param>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="width">Channels of the first layer.</param>
    /// <param name="lastRelu">Whether the last convolution has a ReLU.</param>
    public static Sequential Stack(int[] plan, int channels, int width, bool lastRelu)
    {
        var stack = nn.Sequential();
        var number = 0;
        for (var step = 0; step < plan.Length; step++)
        {
            if (plan[step] == 0)
            {
                Append(nn.MaxPool2d(2, 2));
                continue;
            }

            Append(nn.Conv2d(channels, plan[step] * width, 3, padding: 1));
            channels = plan[step] * width;
            if (lastRelu || step < plan.Length - 1)
            {
                Append(nn.ReLU());
            }
        }

        Initial.ConvolutionsByFanOut(stack);
        foreach (var convolution in stack.children().OfType<Conv2d>())
        {
            nn.init.zeros_(convolution.bias!);
        }

        return stack;

        void Append(nn.Module<Tensor, Tensor> layer) => stack.append((number++).ToString(CultureInfo.InvariantCulture), layer);
    }
}
