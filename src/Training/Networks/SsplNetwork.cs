using RealtimeSsl.Training.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// SSPL's networks (Song et al., CVPR 2022; github.com/zjsong/SSPL): VGG16, VGGish with two linear layers, predictive coding, and SimSiam's head, which
/// only training has. Names are those of its files, all of them together.
/// </summary>
internal sealed class SsplNetwork : nn.Module
{
    private const int HeadWidth = 2048, HeadNeck = 512;

    // Registered under their names: those of the checkpoints.
    private readonly Sequential feat_extractor, features, embeddings, fc;
    private readonly PredictiveCoding? pcm;
    private readonly Mlp projector, predictor;

    /// <summary>Makes them.</summary>
    /// <param name="predictiveCoding">With the module between picture and sound.</param>
    /// <param name="width">Channels of the first layers; 64 in the published networks.</param>
    public SsplNetwork(bool predictiveCoding, int width) : base(nameof(SsplNetwork))
    {
        var map = 8 * width;
        feat_extractor = Vgg16.Make(width);
        (features, embeddings) = (Vggish.Features(width), Vggish.Embeddings(width));
        fc = nn.Sequential(nn.Linear(2 * width, map), nn.ReLU(), nn.Linear(map, map));
        pcm = predictiveCoding ? new PredictiveCoding(map, 2 * width) : null;
        var (inner, neck) = (HeadWidth * width / 64, HeadNeck * width / 64);
        projector = new Mlp(
            Mlp.Layer(map, inner), Mlp.Layer(inner, inner), nn.Sequential(nn.Linear(inner, inner, hasBias: false), nn.BatchNorm1d(inner, affine: false)));
        predictor = new Mlp(Mlp.Layer(inner, neck), nn.Linear(neck, inner), null);
        register_module(nameof(feat_extractor), feat_extractor);
        register_module(nameof(features), features);
        register_module(nameof(embeddings), embeddings);
        register_module(nameof(fc), fc);
        register_module(nameof(projector), projector);
        register_module(nameof(predictor), predictor);
        pcm?.RegisterIn(this);
    }

    /// <summary>The picture's map and the sound's vector, neither normalised.</summary>
    /// <param name="pictures">[N, 3, 224, 224].</param>
    /// <param name="sounds">Columns of samples [N, 1, hop, columns].</param>
    public (Tensor[] Maps, Tensor Vector) Features(IReadOnlyList<Tensor> pictures, Tensor sounds)
    {
        using var scope = NewDisposeScope();
        var count = sounds.shape[0];
        var samples = sounds.transpose(2, 3).reshape(count, 1, 1, -1);

        // Each clip to -1..1 by its own extremes.
        var above = samples - samples.amin([3], keepdim: true);
        var scaled = ((above / (above.amax([3], keepdim: true) + 1e-3)) - 0.5) * 2;
        var embedded = Vggish.Embed(features, embeddings, Vggish.Patches(scaled));
        var patches = embedded.shape[0] / count;
        var vector = fc.call(embedded).view(count, patches, -1).mean([1]);
        var heard = Similarity.Unit(embedded.view(count, patches, -1).mean([1]));
        Tensor[] maps = [.. pictures.Select(p => feat_extractor.call(p)).Select(m => pcm is null ? m : pcm.Refine(m, heard))];
        return ([.. maps.Select(m => m.MoveToOuterDisposeScope())], vector.MoveToOuterDisposeScope());
    }

    /// <summary>A view's projection and the prediction from it.</summary>
    public (Tensor Projection, Tensor Prediction) Head(Tensor attended)
    {
        var projection = projector.call(attended);
        return (projection, predictor.call(projection));
    }

    /// <summary>What was trained elsewhere: both VGGs. Frozen as in the paper, or not.</summary>
    public void Freeze(bool frozen)
    {
        foreach (var parameter in new[] { feat_extractor, features, embeddings }.SelectMany(m => m.parameters()))
        {
            parameter.requires_grad = !frozen;
        }
    }

    // Registered in the constructor: the module between is not under a name of its own.
    protected override void RegisterComponents()
    {
    }

    /// <summary>Layers by number.</summary>
    private sealed class Mlp : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> layer1, layer2;
        private readonly nn.Module<Tensor, Tensor>? layer3;

        public Mlp(nn.Module<Tensor, Tensor> first, nn.Module<Tensor, Tensor> second, nn.Module<Tensor, Tensor>? third) : base(nameof(Mlp))
        {
            (layer1, layer2, layer3) = (first, second, third);
            RegisterComponents();
        }

        public static Sequential Layer(int from, int to) => nn.Sequential(nn.Linear(from, to, hasBias: false), nn.BatchNorm1d(to), nn.ReLU());

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = layer2.call(layer1.call(input));
            return (layer3?.call(x) ?? x).MoveToOuterDisposeScope();
        }
    }
}
