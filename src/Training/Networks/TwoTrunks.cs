using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Training.Networks;

/// <summary>
/// A trunk for the picture, a trunk for the sound, and what projects them into one space: the network of the cosine family. The sound's map becomes a
/// vector by its maximum over all places. Names are those of the published checkpoints.
/// </summary>
public sealed class TwoTrunks : nn.Module
{
    // Registered under their names: those of the checkpoints.
    private readonly nn.Module<Tensor, Tensor> imgnet;
    private readonly nn.Module<Tensor, Tensor> audnet;
    private readonly nn.Module<Tensor, Tensor>? img_proj;
    private readonly Linear? aud_proj;

    private TwoTrunks(nn.Module<Tensor, Tensor> picture, nn.Module<Tensor, Tensor> sound, nn.Module<Tensor, Tensor>? pictureProjection, Linear? soundProjection)
        : base(nameof(TwoTrunks))
    {
        (imgnet, audnet, img_proj, aud_proj) = (picture, sound, pictureProjection, soundProjection);
        RegisterComponents();
    }

    /// <summary>The picture's trunk.</summary>
    public nn.Module<Tensor, Tensor> Picture => imgnet;

    /// <summary>The sound's trunk.</summary>
    public nn.Module<Tensor, Tensor> Sound => audnet;

    /// <summary>
    /// AVENet of LVS: two <see cref="ResNet18"/> with layer 4 unstrided (cells of 1/16), each with three stems. SSLalign projects the global features
    /// besides (AlignmentNet); its three layers that no loss reads are left out.
    /// </summary>
    /// <param name="aligned">With SSLalign's projections.</param>
    /// <param name="width">Channels of the first layer; 64 in all published networks.</param>
    public static TwoTrunks AvNet(bool aligned, int width = 64)
    {
        var (picture, sound) = (new ResNet18(sound: false, width), new ResNet18(sound: true, width));
        Initial.Scattered(picture, sound);
        return aligned ? new(picture, sound, nn.Linear(8 * width, 8 * width), nn.Linear(8 * width, 8 * width)) : new(picture, sound, null, null);
    }

    /// <summary>EZ-VSL's: torchvision's ResNet-18 (cells of 1/32), a 1x1 convolution over the picture's map, a linear layer over the sound's vector.</summary>
    /// <param name="width">Channels of the first layer; 64 in all published networks.</param>
    public static TwoTrunks EzVsl(int width = 64)
    {
        var sound = new ResNet18(channels: 1, width);
        var (pictureProjection, soundProjection) = (nn.Conv2d(8 * width, 8 * width, 1), nn.Linear(8 * width, 8 * width));
        Initial.Scattered(sound, pictureProjection);
        Initial.Small(soundProjection);
        return new(new ResNet18(channels: 3, width), sound, pictureProjection, soundProjection);
    }

    /// <summary>Two trunks of any kind, both projected into one space.</summary>
    /// <param name="picture">To [N, channels, h, w].</param>
    /// <param name="sound">To [N, channels, h, w].</param>
    /// <param name="channels">Channels of both.</param>
    /// <param name="shared">Channels of the space.</param>
    public static TwoTrunks Projected(nn.Module<Tensor, Tensor> picture, nn.Module<Tensor, Tensor> sound, int channels, int shared) =>
        new(picture, sound, nn.Conv2d(channels, shared, 1), nn.Linear(channels, shared));

    /// <summary>The picture trunk's map [N, C, h, w], before any projection.</summary>
    public Tensor PictureMap(Tensor pictures) => imgnet.call(pictures);

    /// <summary>The sound trunk's vector [N, C], before any projection.</summary>
    public Tensor SoundVector(Tensor sounds)
    {
        using var scope = NewDisposeScope();
        return Peak(audnet.call(sounds)).MoveToOuterDisposeScope();
    }

    /// <summary>The picture's projection: of a map (1x1 convolution) or of vectors (linear), as the method has it.</summary>
    public Tensor ProjectPicture(Tensor x) => Required(img_proj).call(x);

    /// <summary>The sound's projection.</summary>
    public Tensor ProjectSound(Tensor x) => Required(aud_proj).call(x);

    /// <summary>Maximum over all places: [N, C, h, w] to [N, C].</summary>
    public static Tensor Peak(Tensor map) => map.amax([-2, -1]);

    private static T Required<T>(T? projection) where T : class => projection ?? throw new InvalidOperationException("this network has no projections");
}
