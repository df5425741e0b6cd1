namespace RealtimeSsl.Pipeline;

/// <summary>The image front ends in use in the field, as named values: all 224 x 224, RGB, ImageNet's mean and deviation.</summary>
public static class ImageFrontEnds
{
    /// <summary>SSLalign's evaluation of all methods: stretched, bicubic without antialiasing (A = -0.75), values not clamped.</summary>
    public static ImageFrontEnd SslAlign { get; } = new() { Id = "sslalign", Resize = ResizeKind.Cubic, Fit = FrameFit.Stretch };

    /// <summary>EZ-VSL, SLAVC, FNAC, HearTheFlow: stretched by Pillow's antialiased bicubic.</summary>
    public static ImageFrontEnd EzVsl { get; } = new() { Id = "ezvsl", Resize = ResizeKind.PilBicubic, Fit = FrameFit.Stretch };

    /// <summary>LVS, SSPL: shorter side to 224 by Pillow's antialiased bicubic, middle 224 x 224.</summary>
    public static ImageFrontEnd Lvs { get; } = new() { Id = "lvs", Resize = ResizeKind.PilBicubic, Fit = FrameFit.CentreCrop };

    /// <summary>All named front ends.</summary>
    public static IReadOnlyList<ImageFrontEnd> All { get; } = [SslAlign, EzVsl, Lvs];

    /// <summary>The front end of that identifier.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that there are.</exception>
    public static ImageFrontEnd ById(string id) =>
        All.FirstOrDefault(f => f.Id == id)
        ?? throw new ArgumentException($"image front end '{id}' is unknown; there are {string.Join(", ", All.Select(f => f.Id))}");
}
