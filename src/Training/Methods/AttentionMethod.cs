using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using RealtimeSsl.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// Attention (Senocak et al., CVPR 2018): the cells are weighted by a softmax of how well they answer the sound, and what they then say of the sound is held
/// against it and against the next sound of the batch (<see cref="AttentionLoss"/>). Where boxes are known, they teach the attention, too
/// (semi-supervised). The paper's VGG16 and SoundNet are pretrained and frozen.
/// </summary>
public sealed class AttentionMethod : CosineMethod
{
    private readonly MethodOptions _options;
    private readonly AttentionNetwork _network;

    /// <summary>Makes it.</summary>
    public AttentionMethod(MethodOptions options)
    {
        (_options, _network) = (options, new AttentionNetwork(options.Width, options.Width / 4));
        _network.Freeze(options.Frozen);
    }

    /// <inheritdoc/>
    public override string Id => "attention";

    /// <inheritdoc/>
    public override nn.Module Network => _network;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Pretrained => ["vision_embedding_model.", "conv", "batchnorm"];

    /// <inheritdoc/>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) => ViewPlans.Standard(image, audio);

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        if (_options.Frozen)
        {
            _network.HoldStatistics();
        }

        var (map, scores) = (_network.Picture(input.Pictures[0]), _network.Scores(input.Sounds[0]));
        var attention = Attend(Similarity.Unit(map), Similarity.Unit(_network.Query(scores)));
        var attended = einsum("nchw,nhw->nc", Similarity.Full(map), attention).to_type(map.dtype);
        var own = Similarity.Full(scores);
        var triplet = AttentionLoss.Triplet(Similarity.Full(_network.Predict(attended)), own, own.roll(1, 0));
        return input.Truth is { } truth
            ? StepLoss.Of(("triplet", triplet), ("annotated", AttentionLoss.Supervised(attention, truth)))
            : StepLoss.Of(("triplet", triplet));
    }

    /// <summary>The attention: softmax over the cells, as the engine computes it.</summary>
    public override Tensor Heatmap(Tensor pictures, Tensor sounds) => Evaluated(() =>
    {
        var (v, a) = Features(pictures, sounds);
        return Attend(v, a);
    });

    /// <inheritdoc/>
    protected override (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds) =>
        (Similarity.Unit(_network.Picture(pictures)), Similarity.Unit(_network.Query(_network.Scores(sounds))));

    private static Tensor Attend(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        var cosine = Similarity.Own(v, a).relu();
        return cosine.flatten(1).softmax(1).view_as(cosine).MoveToOuterDisposeScope();
    }
}
