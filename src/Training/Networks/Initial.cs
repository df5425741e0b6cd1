using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Networks;

/// <summary>Weights before training, as the papers' code draws them.</summary>
internal static class Initial
{
    /// <summary>torchvision's ResNet: convolutions normal with variance 2 / fan-out (He et al. 2015), whose batch normalisations are 1 and 0 already.</summary>
    public static void ConvolutionsByFanOut(nn.Module network)
    {
        foreach (var convolution in Each<Conv2d>(network))
        {
            nn.init.kaiming_normal_(convolution.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
        }
    }

    /// <summary>
    /// LVS, SSLalign, SSL-TIE (all of the network) and the EZ-VSL family (all but the picture's trunk): besides, batch normalisations begin about 1 with a
    /// deviation of 0.02.
    /// </summary>
    public static void Scattered(params nn.Module[] networks)
    {
        foreach (var network in networks)
        {
            ConvolutionsByFanOut(network);
            foreach (var norm in Each<BatchNorm2d>(network))
            {
                nn.init.normal_(norm.weight, 1, 0.02);
                nn.init.zeros_(norm.bias!);
            }
        }
    }

    /// <summary>The EZ-VSL family's linear layers: normal with a deviation of 0.01 (their cut at +-2 is 200 deviations away).</summary>
    public static void Small(params Linear[] layers)
    {
        foreach (var layer in layers)
        {
            nn.init.normal_(layer.weight, 0, 0.01);
        }
    }

    private static IEnumerable<T> Each<T>(nn.Module network) where T : nn.Module => network.modules().Append(network).OfType<T>();
}
