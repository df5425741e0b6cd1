namespace RealtimeSsl.Pipeline;

/// <summary>Pictures of one size to tensors of one front end.</summary>
internal abstract class PictureResize
{
    /// <summary>Lays out the picture and makes the tables of both axes.</summary>
    protected PictureResize(ImageFrontEnd frontEnd, int width, int height)
    {
        var (toWidth, toHeight, left, top) = frontEnd.Layout(width, height);
        Across = new TapTable(width, toWidth, frontEnd.Resize, left, frontEnd.Width);
        Down = new TapTable(height, toHeight, frontEnd.Resize, top, frontEnd.Height);
        var (mean, std) = (frontEnd.Mean, frontEnd.Std);
        Mean = [mean.Blue, mean.Green, mean.Red];
        Std = [std.Blue, std.Green, std.Red];
        Plane = frontEnd.Order == ChannelOrder.Rgb ? [2, 1, 0] : [0, 1, 2];
    }

    /// <summary>Along a row.</summary>
    protected TapTable Across { get; }

    /// <summary>Along a column.</summary>
    protected TapTable Down { get; }

    /// <summary>Of blue, green, red.</summary>
    protected float[] Mean { get; }

    /// <summary>Of blue, green, red.</summary>
    protected float[] Std { get; }

    /// <summary>Which plane blue, green and red go to.</summary>
    protected int[] Plane { get; }

    /// <summary>Fills a tensor from packed B, G, R bytes of the size that this was made for.</summary>
    public abstract void Fill(ReadOnlySpan<byte> bgr, Span<float> tensor);

    /// <summary>One row of one plane.</summary>
    protected Span<float> Row(Span<float> tensor, int channel, int row) =>
        tensor.Slice((Plane[channel] * Down.Target + row) * Across.Target, Across.Target);
}
