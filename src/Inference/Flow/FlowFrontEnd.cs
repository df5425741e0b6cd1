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
}
