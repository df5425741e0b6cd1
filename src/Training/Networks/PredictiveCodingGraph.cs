using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// SSPL's predictive coding module (Song et al., "Self-supervised predictive learning", CVPR 2022): refines a 14 x 14 map by what is heard. Three levels of
/// representations, 3 x 3, 7 x 7 and 14 x 14; each cycle predicts the level below (the lowest predicts the audio embedding) and then corrects each level by
/// the error of the one below: r = gelu(BN((1 - b) r + b prediction)) downwards, r = gelu(BN(r + a error)) upwards, a and b not negative, one each per
/// channel. A first pass with normalisations of its own sets the levels up; four cycles follow.
/// </summary>
public static class PredictiveCodingGraph
{
    internal const int Levels = 3;
    internal const int Cycles = 4;

    /// <summary>Adds the module and returns the refined map [1, C, 14, 14].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="picture">Map of the picture [1, C, 14, 14].</param>
    /// <param name="heard">Audio embedding, length 1: [1, A].</param>
    /// <param name="weights">The module's weights.</param>
    public static string Add(GraphBuilder graph, string picture, string heard, IReadOnlyDictionary<string, WeightTensor> weights)
    {
        var layers = new Layers(graph, weights, "");
        var channels = weights["a0.0"].Shape[1];
        heard = graph.Reshape(heard, 1, -1, 1, 1);

        // Predictions of each level from above; the highest is the picture itself, and stays.
        var predicted = new string[Levels];
        predicted[Levels - 1] = picture;
        for (var level = Levels - 1; level > 0; level--)
        {
            predicted[level - 1] = graph.Gelu(layers.Normalise(Predict(predicted[level], level), $"BNPred.{level - 1}"));
        }

        var state = (string[])predicted.Clone();
        Correct("BNError.", 0);
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            state[Levels - 1] = graph.Gelu(Mix(Levels - 1));
            for (var level = Levels - 1; level > 0; level--)
            {
                predicted[level - 1] = Predict(state[level], level);
                state[level - 1] = graph.Gelu(layers.Normalise(Mix(level - 1), $"BNPred_step.{(Levels - 1) * cycle + level - 1}"));
            }

            Correct("BNError_step.", Levels * cycle);
        }

        return graph.Conv(state[Levels - 1], "ErrorProcess.3", Turned("ErrorProcess.3.weight"), layers.Get("ErrorProcess.3.bias", -1).Values);

        string Predict(string above, int level)
        {
            var conv = $"PredProcess.{level}.conv2d";
            return graph.MaxPool(graph.Conv(above, conv, layers.Kernel(conv), null, 1, 1), kernel: 2, stride: 2, pad: 0);
        }

        string Mix(int level)
        {
            float[] share = [.. layers.Get($"b0.{level}", 1, -1, 1, 1).Values.Select(b => Math.Max(b, 0))];
            return graph.Add(
                graph.Multiply(state[level], $"b0.{level}.rest", [.. share.Select(b => 1 - b)]), graph.Multiply(predicted[level], $"b0.{level}", share));
        }

        void Correct(string norm, int first)
        {
            // The lowest error is the same at all positions, and so is its 1x1 convolution.
            var sound = graph.MeanOverPositions(graph.Gelu(graph.Conv(
                state[0], "PredProcess.0", layers.Kernel("PredProcess.0"), layers.Get("PredProcess.0.bias", -1).Values)));
            var error = graph.Conv(graph.Subtract(heard, sound), "ErrorProcess.0", Turned("ErrorProcess.0.weight"), null);
            for (var level = 0; level < Levels; level++)
            {
                float[] gain = [.. layers.Get($"a0.{level}", 1, -1, 1, 1).Values.Select(a => Math.Max(a, 0))];
                state[level] = graph.Gelu(layers.Normalise(
                    graph.Add(state[level], graph.Multiply(error, $"a0.{level}", gain)), $"{norm}{first + level}"));
                if (level < Levels - 1)
                {
                    error = Upwards(graph.Subtract(state[level], predicted[level]), level + 1);
                }
            }
        }

        string Upwards(string error, int level) => level == 1
            ? graph.ConvTranspose(error, "ErrorProcess.1", layers.Kernel("ErrorProcess.1"), stride: 2)
            : graph.Conv(graph.Enlarge(error, 14, 14, channels), "ErrorProcess.2", Turned("ErrorProcess.2.convtrans2d.weight"), null, 1, 1);

        // A transposed convolution without stride is a convolution with the kernel turned by half a turn, inputs and outputs exchanged.
        WeightTensor Turned(string name)
        {
            var kernel = layers.Get(name, -1, -1, -1, -1);
            var (from, to, cells) = (kernel.Shape[0], kernel.Shape[1], kernel.Shape[2] * kernel.Shape[3]);
            var turned = new float[kernel.Values.Length];
            for (var i = 0; i < turned.Length; i++)
            {
                var (output, input, cell) = (i / (from * cells), i / cells % from, i % cells);
                turned[i] = kernel.Values[(input * to + output) * cells + cells - 1 - cell];
            }

            return new WeightTensor([to, from, kernel.Shape[2], kernel.Shape[3]], turned);
        }
    }

    /// <summary>Its tensors.</summary>
    /// <param name="width">An eighth of the map's channels; 64 in the published network, which hears 128 numbers.</param>
    public static IEnumerable<WeightKey> Keys(int width = 64)
    {
        var (map, sound) = (8 * width, 2 * width);
        List<WeightKey> keys =
        [
            .. WeightKey.Biased("PredProcess.0", sound, map, 1, 1), new("PredProcess.1.conv2d.weight", [map, map, 3, 3]),
            new("PredProcess.2.conv2d.weight", [map, map, 3, 3]), new("ErrorProcess.0.weight", [sound, map, 1, 1]),
            new("ErrorProcess.1.weight", [map, map, 3, 3]), new("ErrorProcess.2.convtrans2d.weight", [map, map, 3, 3]),
            .. WeightKey.Biased("ErrorProcess.3", map, map, 1, 1),
        ];
        for (var level = 0; level < Levels; level++)
        {
            keys.Add(new WeightKey($"b0.{level}", [1, map, 1, 1], 0.5f));
            keys.Add(new WeightKey($"a0.{level}", [1, map, 1, 1], 1));
        }

        Norms("BNPred", Levels - 1);
        Norms("BNError", Levels);
        Norms("BNPred_step", (Levels - 1) * Cycles);
        Norms("BNError_step", Levels * Cycles);
        return keys;

        void Norms(string name, int count) => keys.AddRange(Enumerable.Range(0, count).SelectMany(i => WeightKey.Norm($"{name}.{i}", map)));
    }
}
