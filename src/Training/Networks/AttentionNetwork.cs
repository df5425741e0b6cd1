using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// Senocak's attention network (CVPR 2018; network.py of github.com/ardasnck/learning_to_localize_sound_source): VGG16, SoundNet's object scores with two
/// linear layers, and two more from the attended picture back to those scores, which only training has. Names are those of its checkpoint and of
/// SoundNet's usual conversion.
/// </summary>
internal sealed class AttentionNetwork : nn.Module
{
    private const int Objects = 1000;

    // Registered under their names: those of the checkpoints.
    private readonly Vision vision_embedding_model;
    private readonly Linear sound_fc1, sound_fc2, vision_fc1, vision_fc2;
    private readonly Conv2d[] _convolutions;
    private readonly BatchNorm2d[] _norms;

    /// <summary>Makes it.</summary>
    /// <param name="width">An eighth of the map's channels; 64 in the published network.</param>
    /// <param name="soundWidth">Channels of SoundNet's first layer; 16 in the published network.</param>
    public AttentionNetwork(int width, int soundWidth) : base(nameof(AttentionNetwork))
    {
        vision_embedding_model = new Vision(width);
        (sound_fc1, sound_fc2) = (nn.Linear(Objects, Objects), nn.Linear(Objects, 8 * width));
        (vision_fc1, vision_fc2) = (nn.Linear(8 * width, 8 * width), nn.Linear(8 * width, Objects));
        RegisterComponents();
        var channels = 1;
        (_convolutions, _norms) = (new Conv2d[SoundNetGraph.Plan.Length + 1], new BatchNorm2d[SoundNetGraph.Plan.Length]);
        for (var i = 0; i < SoundNetGraph.Plan.Length; i++)
        {
            var (kernel, to) = (SoundNetGraph.Plan[i].Kernel, SoundNetGraph.Plan[i].Width * soundWidth);
            _convolutions[i] = nn.Conv2d(channels, to, (kernel, 1), stride: (2, 1), padding: (kernel / 2, 0));
            _norms[i] = nn.BatchNorm2d(to);
            register_module(FormattableString.Invariant($"conv{i + 1}"), _convolutions[i]);
            register_module(FormattableString.Invariant($"batchnorm{i + 1}"), _norms[i]);
            channels = to;
        }

        _convolutions[^1] = nn.Conv2d(channels, Objects, (8, 1), stride: (2, 1));
        register_module("conv8_objs", _convolutions[^1]);
    }

    /// <summary>The picture's map [N, C, h, w].</summary>
    public Tensor Picture(Tensor pictures) => vision_embedding_model.call(pictures);

    /// <summary>SoundNet's mean object scores, not negative [N, 1000].</summary>
    /// <param name="sounds">Columns of samples [N, 1, hop, columns].</param>
    public Tensor Scores(Tensor sounds)
    {
        using var scope = NewDisposeScope();
        var x = sounds.transpose(2, 3).reshape(sounds.shape[0], 1, -1, 1) * SoundNetGraph.FullScale;
        for (var i = 0; i < _norms.Length; i++)
        {
            x = _norms[i].call(_convolutions[i].call(x)).relu();
            var pool = SoundNetGraph.Plan[i].Pool;
            x = pool > 1 ? F.max_pool2d(x, [pool, 1]) : x;
        }

        return _convolutions[^1].call(x).mean([-2, -1]).relu().MoveToOuterDisposeScope();
    }

    /// <summary>The sound's vector for the cosine, from its scores [N, C].</summary>
    public Tensor Query(Tensor scores)
    {
        using var scope = NewDisposeScope();
        return sound_fc2.call(sound_fc1.call(scores).relu()).MoveToOuterDisposeScope();
    }

    /// <summary>What the attended picture [N, C] predicts of the scores.</summary>
    public Tensor Predict(Tensor attended)
    {
        using var scope = NewDisposeScope();
        return vision_fc2.call(vision_fc1.call(attended.relu()).relu()).MoveToOuterDisposeScope();
    }

    /// <summary>What was trained elsewhere: VGG16 and SoundNet. Frozen as in the paper, or not.</summary>
    public void Freeze(bool frozen)
    {
        foreach (var parameter in _convolutions.Concat<nn.Module>(_norms).Append(vision_embedding_model).SelectMany(m => m.parameters()))
        {
            parameter.requires_grad = !frozen;
        }
    }

    /// <summary>SoundNet's statistics stay as they are.</summary>
    public void HoldStatistics()
    {
        foreach (var norm in _norms)
        {
            norm.eval();
        }
    }

    private sealed class Vision : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential feature_extraction;

        public Vision(int width) : base(nameof(Vision))
        {
            feature_extraction = Vgg16.Make(width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => feature_extraction.call(input);
    }
}
