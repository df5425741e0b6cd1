using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// HearTheFlow's network (Fedorishin et al., WACV 2023; model.py of github.com/denfed/heartheflow): three ResNet-18 of stride 32, for picture, sound and
/// motion, and the attention of <see cref="CrossAttentionGraph"/>. Names are those of its checkpoint.
/// </summary>
internal sealed class FlowNetwork : nn.Module
{
    // Registered under their names: those of the checkpoints.
    private readonly ResNet18 imgnet, audnet, flownet;
    private readonly Attention flowatt;

    /// <summary>Makes it.</summary>
    /// <param name="width">Channels of the first layer; 64 in the published network.</param>
    public FlowNetwork(int width) : base(nameof(FlowNetwork))
    {
        (imgnet, audnet, flownet) = (new ResNet18(channels: 3, width), new ResNet18(channels: 1, width), new ResNet18(channels: 2, width));
        flowatt = new Attention(8 * width);
        RegisterComponents();
        Initial.Scattered(audnet);
    }

    /// <summary>The picture's trunk.</summary>
    public nn.Module Picture => imgnet;

    /// <summary>The sound's vector [N, C].</summary>
    public Tensor Sound(Tensor sounds)
    {
        using var scope = NewDisposeScope();
        return TwoTrunks.Peak(audnet.call(sounds)).MoveToOuterDisposeScope();
    }

    /// <summary>The picture's map, having attended to the motion's.</summary>
    /// <param name="pictures">[N, 3, H, W].</param>
    /// <param name="motion">[N, 2, H, W].</param>
    public Tensor Attended(Tensor pictures, Tensor motion) => flowatt.call(imgnet.call(pictures), flownet.call(motion));

    private sealed class Attention : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly Conv2d query_conv, key_conv, value_conv;

        public Attention(int channels) : base(nameof(Attention))
        {
            (query_conv, key_conv, value_conv) = (nn.Conv2d(channels, channels / 8, 1), nn.Conv2d(channels, channels / 8, 1), nn.Conv2d(channels, channels, 1));
            RegisterComponents();
        }

        public override Tensor forward(Tensor picture, Tensor flow)
        {
            using var scope = NewDisposeScope();
            var query = query_conv.call(picture).flatten(2).transpose(1, 2);
            var key = key_conv.call(flow).flatten(2);
            var shares = (query.matmul(key) / Math.Sqrt(key.shape[1])).softmax(-1);
            var attended = value_conv.call(picture).flatten(2).matmul(shares.transpose(1, 2));
            return (picture + attended.view_as(picture)).MoveToOuterDisposeScope();
        }
    }
}
