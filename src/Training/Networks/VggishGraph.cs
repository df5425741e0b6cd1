using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// VGGish (Hershey et al., "CNN architectures for large-scale audio classification", 2017), from samples to one 128-d embedding per 0.96 s, as its
/// PyTorch port has it: <c>features.N</c>, <c>embeddings.N</c>. The log-mel spectrogram is a part of the graph, because SSPL scales a clip by its own
/// extremes before it, which a stream of columns cannot undo.
/// </summary>
public static class VggishGraph
{
    /// <summary>Columns of one patch: 0.96 s.</summary>
    public const int PatchColumns = 96;

    internal static readonly AudioFrontEnd Spectrum = AudioFrontEnds.AvsLogMel64;
    internal static readonly int[] Plan = [1, 0, 2, 0, 4, 4, 0, 8, 8, 0];

    /// <summary>
    /// Log-mel patches of a clip: the magnitudes of a Hann window's transform, 64 mel bands, ln(x + 0.01), without overlap.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="samples">[1, 1, 1, count] at 16 kHz.</param>
    /// <param name="count">Samples.</param>
    /// <returns>[patches, 1, 96, 64]: time down, bands across.</returns>
    public static string Patches(GraphBuilder graph, string samples, int count)
    {
        var (length, bins) = (Spectrum.WindowLength, Spectrum.FftSize / 2 + 1);
        var (real, imaginary, matrix) = Spectrogram();
        var re = Transform("re", real);
        var im = Transform("im", imaginary);
        var magnitude = graph.Sqrt(graph.Add(graph.Multiply(re, re), graph.Multiply(im, im)));
        var columns = (count - length) / Spectrum.Hop + 1;
        var mel = graph.Conv(graph.Reshape(magnitude, 1, bins, 1, columns), "spectrum.mel", new WeightTensor([Spectrum.Rows, bins, 1, 1], matrix), null);
        var log = graph.Log(graph.Add(mel, (float)Spectrum.Floor));
        var patches = columns / PatchColumns;
        var kept = graph.Slice(log, 3, 0, patches * PatchColumns);
        return graph.Reshape(graph.Transpose(kept, 0, 2, 3, 1), patches, 1, PatchColumns, Spectrum.Rows);

        string Transform(string name, float[] kernel) =>
            graph.Conv(samples, "spectrum." + name, new WeightTensor([bins, 1, 1, length], kernel), null, (1, Spectrum.Hop), (0, 0));
    }

    /// <summary>Patches to embeddings.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="patches">[patches, 1, 96, 64].</param>
    /// <param name="weights">The network's weights.</param>
    /// <returns>[patches, 128], not negative.</returns>
    public static string Add(GraphBuilder graph, string patches, IReadOnlyDictionary<string, WeightTensor> weights)
    {
        var map = Vgg16Graph.Stack(graph, patches, weights, "features.", Plan, lastRelu: true);
        var features = weights["embeddings.0.weight"].Shape[1];

        // TensorFlow's order: channels last.
        var x = graph.Reshape(graph.Transpose(map, 0, 2, 3, 1), -1, features);
        var layers = new Layers(graph, weights, "embeddings.");
        foreach (var layer in new[] { "0", "2", "4" })
        {
            x = graph.Relu(layers.Linear(x, layer));
        }

        return x;
    }

    /// <summary>Its tensors.</summary>
    /// <param name="width">Channels of the first layer; 64 in the published network.</param>
    public static IEnumerable<WeightKey> Keys(int width = 64) =>
    [
        .. Vgg16Graph.Keys("features.", Plan, 1, width), .. WeightKey.Biased("embeddings.0", 64 * width, 8 * width * 24),
        .. WeightKey.Biased("embeddings.2", 64 * width, 64 * width), .. WeightKey.Biased("embeddings.4", 2 * width, 64 * width),
    ];

    /// <summary>The windowed transform's real and imaginary parts [bins, window], and the filter bank [bands, bins].</summary>
    internal static (float[] Real, float[] Imaginary, float[] Mel) Spectrogram()
    {
        var (length, size) = (Spectrum.WindowLength, Spectrum.FftSize);
        var bins = size / 2 + 1;
        float[] real = new float[bins * length], imaginary = new float[bins * length];
        for (var i = 0; i < real.Length; i++)
        {
            var (bin, n) = (i / length, i % length);
            var window = 0.5 - 0.5 * Math.Cos(2 * Math.PI * n / length);

            // The angle's whole turns are taken off as integers, so that the sine keeps all its digits.
            var (sin, cos) = Math.SinCos(2 * Math.PI * (bin * n % size) / size);
            (real[i], imaginary[i]) = ((float)(window * cos), (float)(window * sin));
        }

        return (real, imaginary, Mel(bins));
    }

    /// <summary>The filter bank as a matrix: what it makes of each bin alone.</summary>
    private static float[] Mel(int bins)
    {
        var bank = new MelFilterBank(Spectrum.Mel!, Spectrum.Rate, bins);
        var matrix = new float[bank.Bands * bins];
        double[] spectrum = new double[bins], bands = new double[bank.Bands];
        for (var bin = 0; bin < bins; bin++)
        {
            Array.Clear(spectrum);
            spectrum[bin] = 1;
            bank.Apply(spectrum, bands);
            for (var band = 0; band < bands.Length; band++)
            {
                matrix[band * bins + bin] = (float)bands[band];
            }
        }

        return matrix;
    }
}
