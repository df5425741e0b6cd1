using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Augment;

/// <summary>
/// A picture being worked on, and the room that takes: an operation reads <see cref="Picture"/>, writes <see cref="Other"/> and turns the two
/// round. One for each thread; nothing is allocated while sizes stay what they are.
/// </summary>
/// <param name="frontEnd">The network's input: size, mean, deviation, order of planes.</param>
public sealed class PictureBench(ImageFrontEnd frontEnd) : IDisposable
{
    private readonly ImageTensor _tensor = new(frontEnd);

    /// <summary>The network's input.</summary>
    public ImageFrontEnd FrontEnd { get; } = frontEnd;

    /// <summary>The picture: 8 bits, R, G, B.</summary>
    public Mat Picture { get; private set; } = new();

    /// <summary>Where the next one is written.</summary>
    public Mat Other { get; private set; } = new();

    /// <summary>The picture is now the one that was just written.</summary>
    public void Turn() => (Picture, Other) = (Other, Picture);

    /// <summary>Normalises the picture, which has the network's size, into a tensor.</summary>
    /// <param name="tensor">FrontEnd.Length floats: planes in FrontEnd.Order, each row-major.</param>
    public void Normalise(Span<float> tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Picture.Width, FrontEnd.Width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Picture.Height, FrontEnd.Height);
        var (mean, std) = (FrontEnd.Mean, FrontEnd.Std);
        var pixels = Picture.AsSpan<byte>();
        var plane = FrontEnd.Width * FrontEnd.Height;
        ReadOnlySpan<(float Mean, float Std)> channels = [(mean.Red, std.Red), (mean.Green, std.Green), (mean.Blue, std.Blue)];
        for (var channel = 0; channel < 3; channel++)
        {
            var (scale, offset) = (1 / (255 * channels[channel].Std), -channels[channel].Mean / channels[channel].Std);
            var to = tensor.Slice(plane * (FrontEnd.Order == ChannelOrder.Rgb ? channel : 2 - channel), plane);
            for (int i = 0, at = channel; i < to.Length; i++, at += 3)
            {
                to[i] = pixels[at] * scale + offset;
            }
        }
    }

    /// <summary>Brings a picture of any size into the tensor exactly as the engine does with a frame.</summary>
    /// <param name="tensor">FrontEnd.Length floats.</param>
    public void AsFrame(Span<float> tensor)
    {
        Cv2.CvtColor(Picture, Other, ColorConversionCodes.RGB2BGR);
        _tensor.Fill(Other.AsSpan<byte>(), Other.Width, Other.Height, tensor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Picture.Dispose();
        Other.Dispose();
    }
}
