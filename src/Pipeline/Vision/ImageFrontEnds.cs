namespace RealtimeSsl.Pipeline;

/// <summary>The image front ends in use in the field, as named values: RGB, 224 x 224 and ImageNet's mean and deviation unless said otherwise.</summary>
public static class ImageFrontEnds
{
    /// <summary>SSLalign's evaluation of all methods: stretched, bicubic without antialiasing (A = -0.75), values not clamped.</summary>
    public static ImageFrontEnd SslAlign { get; } = new() { Id = "sslalign", Resize = ResizeKind.Cubic, Fit = FrameFit.Stretch };

    /// <summary>EZ-VSL, SLAVC, FNAC, HearTheFlow: stretched by Pillow's antialiased bicubic.</summary>
    public static ImageFrontEnd EzVsl { get; } = new() { Id = "ezvsl", Resize = ResizeKind.PilBicubic, Fit = FrameFit.Stretch };

    /// <summary>LVS, SSPL: shorter side to 224 by Pillow's antialiased bicubic, middle 224 x 224.</summary>
    public static ImageFrontEnd Lvs { get; } = new() { Id = "lvs", Resize = ResizeKind.PilBicubic, Fit = FrameFit.CentreCrop };

    /// <summary>Senocak's attention: stretched to 320 x 320 by Pillow's antialiased bilinear.</summary>
    public static ImageFrontEnd Attention { get; } = new() { Id = "attention", Width = 320, Height = 320, Resize = ResizeKind.PilBilinear, Fit = FrameFit.Stretch };

    /// <summary>RCGrad and FlowGrad: stretched by Pillow's antialiased bicubic, CLIP's mean and deviation.</summary>
    public static ImageFrontEnd RcGrad { get; } = EzVsl with
    {
        Id = "rcgrad", Mean = new(0.48145466f, 0.4578275f, 0.40821073f), Std = new(0.26862954f, 0.26130258f, 0.27577711f),
    };

    /// <summary>All named front ends.</summary>
    public static IReadOnlyList<ImageFrontEnd> All { get; } = [SslAlign, EzVsl, Lvs, Attention, RcGrad];

    /// <summary>The front end of that identifier.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that there are.</exception>
    public static ImageFrontEnd ById(string id) =>
        All.FirstOrDefault(f => f.Id == id)
        ?? throw new ArgumentException($"image front end '{id}' is unknown; there are {string.Join(", ", All.Select(f => f.Id))}");
}
