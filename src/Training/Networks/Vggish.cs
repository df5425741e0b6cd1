using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Networks;

/// <summary>VGGish, to be trained: what <see cref="VggishGraph"/> writes, from samples to one embedding per 0.96 s, with the same names.</summary>
internal static class Vggish
{
    private static readonly Lazy<(float[] Real, float[] Imaginary, float[] Mel)> Constants = new(VggishGraph.Spectrogram);

    /// <summary>Its convolutions.</summary>
    public static Sequential Features(int width) => Vgg16.Stack(VggishGraph.Plan, 1, width, lastRelu: true);

    /// <summary>Its linear layers.</summary>
    public static Sequential Embeddings(int width) => nn.Sequential(
        nn.Linear(8 * width * 24, 64 * width), nn.ReLU(), nn.Linear(64 * width, 64 * width), nn.ReLU(), nn.Linear(64 * width, 2 * width), nn.ReLU());

    /// <summary>Log-mel patches of clips.</summary>
    /// <param name="samples">[N, 1, 1, count] at 16 kHz.</param>
    /// <returns>[N * patches, 1, 96, 64], a clip's patches one after the other.</returns>
    public static Tensor Patches(Tensor samples)
    {
        using var scope = NewDisposeScope();
        var spectrum = VggishGraph.Spectrum;
        var bins = spectrum.FftSize / 2 + 1;
        var (real, imaginary, mel) = Constants.Value;
        var re = Transform(real);
        var im = Transform(imaginary);
        var bands = F.conv2d((re.square() + im.square()).sqrt(), tensor(mel, [spectrum.Rows, bins, 1, 1]).to(samples));
        var (count, patches) = (samples.shape[0], bands.shape[3] / VggishGraph.PatchColumns);
        var log = (bands + spectrum.Floor).log().narrow(3, 0, patches * VggishGraph.PatchColumns);
        return log.squeeze(2).transpose(1, 2).reshape(count * patches, 1, VggishGraph.PatchColumns, spectrum.Rows).MoveToOuterDisposeScope();

        Tensor Transform(float[] kernel) =>
            F.conv2d(samples, tensor(kernel, [bins, 1, 1, spectrum.WindowLength]).to(samples), strides: [1, spectrum.Hop]);
    }

    /// <summary>Patches to embeddings [patches, 2 width], not negative.</summary>
    public static Tensor Embed(Sequential features, Sequential embeddings, Tensor patches)
    {
        using var scope = NewDisposeScope();

        // TensorFlow's order: channels last.
        return embeddings.call(features.call(patches).permute(0, 2, 3, 1).flatten(1)).MoveToOuterDisposeScope();
    }
}
