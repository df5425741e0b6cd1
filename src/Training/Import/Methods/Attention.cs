using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Networks;

namespace RealtimeSsl.Training.Import.Methods;

/// <summary>
/// Senocak's attention: softmax over VGG16's 20 x 20 cells of the cosine's positive part with two linear layers over SoundNet's mean object scores. The
/// released file has no SoundNet (its features were made by another program), so SoundNet's own checkpoint is given beside it.
/// </summary>
internal static class Attention
{
    /// <summary>The method.</summary>
    /// <param name="width">An eighth of the map's channels; 64 in the published network.</param>
    /// <param name="soundWidth">Channels of SoundNet's first layer; 16 in the published network.</param>
    public static ImportMethod Make(int width = 64, int soundWidth = 16)
    {
        const float e = (float)Math.E;
        const int cells = 400, objects = 1000;
        return new ImportMethod
        {
            Id = "attention",
            Title = "Attention (Senocak et al., CVPR 2018), github.com/ardasnck/learning_to_localize_sound_source",
            Note = "Give its file and that of SoundNet (PyTorch, conv1 to conv8_objs) together. SoundNet's training is another's: see its licence.",
            Required =
            [
                .. Vgg16Graph.Keys("vision_embedding_model.feature_extraction.", width), .. SoundNetGraph.Keys(soundWidth, objects),
                .. WeightKey.Biased("sound_fc1", objects, objects), .. WeightKey.Biased("sound_fc2", 8 * width, objects),
            ],
            Unused = ["vision_fc1.", "vision_fc2.", "conv8_scns."],
            Image = ImageFrontEnds.Attention,
            Audio = AudioFrontEnds.SoundNet,
            ImageNetwork = (graph, x, weights) => [Vgg16Graph.Add(graph, x[0], weights, "vision_embedding_model.feature_extraction.")],
            AudioNetwork = (graph, x, weights) =>
            {
                var count = AudioFrontEnds.SoundNet.Hop * AudioFrontEnds.SoundNet.Columns;
                var samples = graph.Reshape(graph.Transpose(x[0], 0, 1, 3, 2), 1, 1, 1, count);
                var scores = SoundNetGraph.Add(graph, graph.Multiply(samples, SoundNetGraph.FullScale), weights);
                var layers = new Layers(graph, weights, "");
                return [layers.Linear(graph.Relu(layers.Linear(graph.Relu(graph.GlobalAveragePool(scores)), "sound_fc1")), "sound_fc2")];
            },
            Head = HeadKind.SoftAttention,
            Upsampling = HeatmapUpsampling.CvLinear,

            // From "everywhere alike" to the most that one cell of so many can have.
            Scores = new ScoreRange(1f / cells, e / (e + cells - 1)),
            Detection = new DetectionLimits(0.1f, 0.2f),
        };
    }
}
