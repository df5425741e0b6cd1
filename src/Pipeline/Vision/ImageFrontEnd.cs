namespace RealtimeSsl.Pipeline;

/// <summary>How a picture of any shape becomes one of the network's shape.</summary>
public enum FrameFit
{
    /// <summary>Stretched to the size; the aspect ratio is not kept, nothing is lost.</summary>
    Stretch,

    /// <summary>The shorter side to the size, then the middle cut out; what lies outside is not seen.</summary>
    CentreCrop,
}

/// <summary>Order of a tensor's planes.</summary>
public enum ChannelOrder
{
    /// <summary>Red first.</summary>
    Rgb,

    /// <summary>Blue first.</summary>
    Bgr,
}

/// <summary>A value for each channel.</summary>
public readonly record struct PerChannel(float Red, float Green, float Blue);

/// <summary>
/// An image front end as data: everything that turns a picture into the 3 x Height x Width tensor a network reads. A value v of 0..255
/// becomes (v / 255 - Mean) / Std.
/// </summary>
public sealed record ImageFrontEnd
{
    /// <summary>Identifier in model packages and configuration.</summary>
    public required string Id { get; init; }

    /// <summary>Width of the tensor.</summary>
    public int Width { get; init; } = 224;

    /// <summary>Height of the tensor.</summary>
    public int Height { get; init; } = 224;

    /// <summary>How values between pixels are found.</summary>
    public ResizeKind Resize { get; init; }

    /// <summary>What happens to the picture's aspect ratio.</summary>
    public FrameFit Fit { get; init; }

    /// <summary>Subtracted, on the scale of 0..1.</summary>
    public PerChannel Mean { get; init; } = new(0.485f, 0.456f, 0.406f);

    /// <summary>Divided by, on the scale of 0..1.</summary>
    public PerChannel Std { get; init; } = new(0.229f, 0.224f, 0.225f);

    /// <summary>Order of the tensor's planes.</summary>
    public ChannelOrder Order { get; init; }

    /// <summary>Floats of a tensor.</summary>
    public int Length => 3 * Width * Height;

    /// <summary>
    /// The part of a picture that the tensor shows, in 0..1 of the picture, so that a map over the tensor finds its place in the picture.
    /// </summary>
    public (double Left, double Top, double Right, double Bottom) View(int width, int height)
    {
        var (w, h, left, top) = Layout(width, height);
        return ((double)left / w, (double)top / h, (double)(left + Width) / w, (double)(top + Height) / h);
    }

    /// <summary>
    /// The size that a picture is brought to, and what of it is cut out. torchvision's Resize and CenterCrop: lengths truncate, offsets
    /// round to even.
    /// </summary>
    internal (int Width, int Height, int Left, int Top) Layout(int width, int height)
    {
        if (Fit == FrameFit.Stretch)
        {
            return (Width, Height, 0, 0);
        }

        // Whichever side is relatively shorter decides, so that the cut lies within the picture for tensors that are no squares, too.
        var (w, h) = (long)width * Height <= (long)height * Width
            ? (Width, (int)((long)Width * height / width))
            : ((int)((long)Height * width / height), Height);
        return (w, h, (int)Math.Round((w - Width) / 2.0), (int)Math.Round((h - Height) / 2.0));
    }
}
