using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// SLAVC's network (Mo and Morgado, NeurIPS 2022; model.py of github.com/stoneMo/SLAVC): EZ-VSL's trunks with two pairs of projections, and everything
/// twice: as trained, and as an average that follows it (<c>momentum_</c>) without gradient. Only parameters are averaged; the statistics of the
/// average's batch normalisations come from its own forward passes.
/// </summary>
public sealed class SlavcNetwork : nn.Module
{
    // Registered under their names: those of the checkpoints.
    private readonly ResNet18 imgnet, audnet, momentum_imgnet, momentum_audnet;
    private readonly Conv2d img_proj1, img_proj2, momentum_img_proj1, momentum_img_proj2;
    private readonly Linear aud_proj1, aud_proj2, momentum_aud_proj1, momentum_aud_proj2;
    private readonly (nn.Module Trained, nn.Module Average)[] _twins;

    /// <summary>Makes both, equal.</summary>
    /// <param name="width">Channels of the first layer; 64 in the published network.</param>
    public SlavcNetwork(int width) : base(nameof(SlavcNetwork))
    {
        var channels = 8 * width;
        (imgnet, momentum_imgnet) = (new ResNet18(channels: 3, width), new ResNet18(channels: 3, width));
        (audnet, momentum_audnet) = (new ResNet18(channels: 1, width), new ResNet18(channels: 1, width));
        (img_proj1, momentum_img_proj1) = (nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 1));
        (img_proj2, momentum_img_proj2) = (nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 1));
        (aud_proj1, momentum_aud_proj1) = (nn.Linear(channels, channels), nn.Linear(channels, channels));
        (aud_proj2, momentum_aud_proj2) = (nn.Linear(channels, channels), nn.Linear(channels, channels));
        RegisterComponents();
        Initial.Scattered(audnet, img_proj1, img_proj2);
        Initial.Small(aud_proj1, aud_proj2);
        _twins =
        [
            (imgnet, momentum_imgnet), (audnet, momentum_audnet), (img_proj1, momentum_img_proj1), (img_proj2, momentum_img_proj2),
            (aud_proj1, momentum_aud_proj1), (aud_proj2, momentum_aud_proj2),
        ];
        Follow(0);
        foreach (var parameter in _twins.SelectMany(t => t.Average.parameters()))
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>average = momentum average + (1 - momentum) trained.</summary>
    public void Follow(double momentum)
    {
        using var ungraded = no_grad();
        foreach (var (trained, average) in _twins)
        {
            foreach (var (own, kept) in trained.parameters().Zip(average.parameters()))
            {
                kept.mul_(momentum).add_(own, 1 - momentum);
            }
        }
    }

    /// <summary>A picture's map in both spaces [N, C, h, w], not normalised.</summary>
    /// <param name="pictures">[N, 3, H, W].</param>
    /// <param name="average">By the averages.</param>
    /// <param name="dropout">Share of the trunk's numbers that are dropped in training.</param>
    public (Tensor First, Tensor Second) Pictures(Tensor pictures, bool average, double dropout)
    {
        var map = nn.functional.dropout((average ? momentum_imgnet : imgnet).call(pictures), dropout, training);
        return ((average ? momentum_img_proj1 : img_proj1).call(map), (average ? momentum_img_proj2 : img_proj2).call(map));
    }

    /// <summary>A sound's vector in both spaces [N, C], not normalised.</summary>
    public (Tensor First, Tensor Second) Sounds(Tensor sounds, bool average)
    {
        var vector = TwoTrunks.Peak((average ? momentum_audnet : audnet).call(sounds));
        return ((average ? momentum_aud_proj1 : aud_proj1).call(vector), (average ? momentum_aud_proj2 : aud_proj2).call(vector));
    }
}
