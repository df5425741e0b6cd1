namespace RealtimeSsl.Inference.Models;

/// <summary>What of a motion a network reads.</summary>
public enum FlowChannels
{
    /// <summary>To the right and down, one plane each.</summary>
    Xy,

    /// <summary>Its length, one plane.</summary>
    Magnitude,
}

/// <summary>
/// A motion front end as data: from the optical flow of two frames to a network's input. Flow is in pixels of the source's picture per 40 ms (as between two
/// frames of a 25 Hz video, which the methods were trained on), whatever the frame rate; a value v becomes (v + Offset) / Divisor.
/// </summary>
public sealed record FlowFrontEnd
{
    /// <summary>What of it is read.</summary>
    public required FlowChannels Channels { get; init; }

    /// <summary>Added to a value.</summary>
    public float Offset { get; init; }

    /// <summary>Divides the sum.</summary>
    public required float Divisor { get; init; }

    /// <summary>
    /// Whether values are rounded to 0..255 first, as by authors who kept their flow in 8-bit pictures: motion to the left and up is lost. Their JPEG's
    /// losses are not reproduced.
    /// </summary>
    public bool ClipLikeAuthors { get; init; }

    /// <summary>Planes of the input.</summary>
    public int Planes => Channels == FlowChannels.Xy ? 2 : 1;

    /// <summary>Brings a motion into a network's input.</summary>
    /// <param name="flow">For each pixel, row by row, how far it moved to the right and down.</param>
    /// <param name="across">Makes the first of the two pixels of the source per 40 ms.</param>
    /// <param name="down">Likewise the second.</param>
    /// <param name="tensor"><see cref="Planes"/> planes, each row-major.</param>
    public void Fill(ReadOnlySpan<float> flow, float across, float down, Span<float> tensor)
    {
        var count = flow.Length / 2;
        for (var i = 0; i < count; i++)
        {
            var (x, y) = (flow[2 * i] * across, flow[2 * i + 1] * down);
            if (Channels == FlowChannels.Magnitude)
            {
                tensor[i] = Scaled(MathF.Sqrt(x * x + y * y));
            }
            else
            {
                (tensor[i], tensor[count + i]) = (Scaled(x), Scaled(y));
            }
        }
    }

    /// <summary>The input where nothing has moved.</summary>
    public void FillStill(Span<float> tensor) => tensor.Fill(Scaled(0));

    private float Scaled(float value) => ((ClipLikeAuthors ? Math.Clamp(MathF.Round(value), 0, 255) : value) + Offset) / Divisor;
}
