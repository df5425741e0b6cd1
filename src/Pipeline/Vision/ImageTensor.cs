namespace RealtimeSsl.Pipeline;

/// <summary>
/// A frame to a network's input: 3 planes of Height x Width floats. The tables belong to one picture size and are made anew when it
/// changes; else nothing is allocated. Not for use by two threads at once.
/// </summary>
/// <param name="frontEnd">Size, interpolation, normalisation.</param>
public sealed class ImageTensor(ImageFrontEnd frontEnd)
{
    private (int Width, int Height) _size;
    private PictureResize? _resize;

    /// <summary>What the tensor is.</summary>
    public ImageFrontEnd FrontEnd { get; } = frontEnd;

    /// <summary>Fills a tensor from a frame.</summary>
    /// <param name="frame">The picture.</param>
    /// <param name="tensor">FrontEnd.Length floats: planes in FrontEnd.Order, each row-major.</param>
    public void Fill(VideoFrame frame, Span<float> tensor) => Fill(frame.Pixels, frame.Width, frame.Height, tensor);

    /// <summary>Fills a tensor from packed B, G, R bytes.</summary>
    /// <param name="bgr">Height x Width x 3 bytes.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="tensor">FrontEnd.Length floats: planes in FrontEnd.Order, each row-major.</param>
    public void Fill(ReadOnlySpan<byte> bgr, int width, int height, Span<float> tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bgr.Length, 3 * width * height);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, FrontEnd.Length);
        if (_resize is null || _size != (width, height))
        {
            _size = (width, height);
            _resize = TapTable.IsPillow(FrontEnd.Resize)
                ? new PilPictureResize(FrontEnd, width, height)
                : new FloatPictureResize(FrontEnd, width, height);
        }

        _resize.Fill(bgr, tensor);
    }
}
