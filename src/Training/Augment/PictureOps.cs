using OpenCvSharp;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>One operation on the picture on the bench; all chance comes from <paramref name="random"/>.</summary>
/// <param name="bench">The picture.</param>
/// <param name="random">The sample's own stream.</param>
public delegate void PictureOp(PictureBench bench, ref SeededRandom random);

/// <summary>
/// The operations that the papers' augmentations are made of. Lengths are relative to the network's input size, so that the same recipe serves
/// 224 pixels, which the papers use, and smaller inputs.
/// </summary>
public static class PictureOps
{
    /// <summary>Turns by a random multiple of 90 degrees.</summary>
    public static PictureOp QuarterTurn() => static (bench, ref random) =>
    {
        bench.RequireStill("quarter turns");
        var turns = random.Below(4);
        if (turns % 2 == 1)
        {
            Cv2.Transpose(bench.Picture, bench.Other);
            bench.Turn();
        }

        // A quarter turn is a transposition and one flip, half a turn both flips.
        if (turns > 0)
        {
            bench.Flip(turns == 1 ? FlipMode.Y : turns == 2 ? FlipMode.XY : FlipMode.X);
        }
    };

    /// <summary>Colour jitter with that probability.</summary>
    public static PictureOp Jitter(ColorJitter jitter, double chance) => (bench, ref random) =>
    {
        if (random.Chance(chance))
        {
            jitter.Apply(bench, ref random);
        }
    };

    /// <summary>Gaussian blur of a deviation of 0.1 to 2 pixels with that probability.</summary>
    /// <param name="chance">Probability.</param>
    /// <param name="kernel">Its width in pixels; 0 takes what the deviation needs.</param>
    public static PictureOp Blur(double chance, int kernel = 0) => (bench, ref random) =>
    {
        if (random.Chance(chance))
        {
            Cv2.GaussianBlur(bench.Picture, bench.Other, new Size(kernel, kernel), random.Uniform(0.1, 2));
            bench.Turn();
        }
    };

    /// <summary>Resizes so that the shorter side is this many times the network's size, e.g. 246/224 = 1.1.</summary>
    public static PictureOp ResizeShort(double factor) => (bench, ref _) =>
    {
        var (width, height) = (bench.Picture.Width, bench.Picture.Height);
        var side = (int)(Math.Max(bench.FrontEnd.Width, bench.FrontEnd.Height) * factor);
        var scale = (double)side / Math.Min(width, height);
        bench.Resize(new Size(Math.Max(side, (int)(width * scale)), Math.Max(side, (int)(height * scale))));
    };

    /// <summary>Cuts out the network's size at random; the picture is at least that large.</summary>
    public static PictureOp RandomCrop() => static (bench, ref random) =>
    {
        var (width, height) = (bench.FrontEnd.Width, bench.FrontEnd.Height);
        var place = new Rect(random.Below(bench.Picture.Width - width + 1), random.Below(bench.Picture.Height - height + 1), width, height);
        bench.Cut(place);
    };

    /// <summary>Cuts out a random part of the area and of a ratio of 3:4 to 4:3, and resizes it (torchvision's RandomResizedCrop).</summary>
    /// <param name="leastArea">Smallest share of the picture's area.</param>
    public static PictureOp RandomResizedCrop(double leastArea) => (bench, ref random) =>
    {
        var (width, height) = (bench.Picture.Width, bench.Picture.Height);
        var place = new Rect((width - Math.Min(width, height)) / 2, (height - Math.Min(width, height)) / 2, Math.Min(width, height), Math.Min(width, height));
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var area = width * height * random.Uniform(leastArea, 1);
            var ratio = Math.Exp(random.Uniform(Math.Log(3.0 / 4), Math.Log(4.0 / 3)));
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                place = new Rect(random.Below(width - w + 1), random.Below(height - h + 1), w, h);
                break;
            }
        }

        bench.Cut(place);
        bench.Resize(new Size(bench.FrontEnd.Width, bench.FrontEnd.Height));
    };

    /// <summary>Mirrors with that probability.</summary>
    /// <param name="chance">Probability.</param>
    /// <param name="vertical">Top to bottom; else left to right.</param>
    public static PictureOp Flip(double chance, bool vertical = false) => (bench, ref random) =>
    {
        if (random.Chance(chance))
        {
            bench.Flip(vertical ? FlipMode.X : FlipMode.Y);
        }
    };

    /// <summary>Moves the picture by up to this share of its size in both directions; what comes in is black.</summary>
    public static PictureOp Translate(double share) => (bench, ref random) =>
    {
        bench.RequireStill("a shift");
        var (width, height) = (bench.Picture.Width, bench.Picture.Height);
        var dx = (int)Math.Round(width * random.Uniform(-share, share));
        var dy = (int)Math.Round(height * random.Uniform(-share, share));
        bench.Other.Create(height, width, MatType.CV_8UC3);
        bench.Other.SetTo(Scalar.All(0));
        var seen = new Rect(Math.Max(0, -dx), Math.Max(0, -dy), width - Math.Abs(dx), height - Math.Abs(dy));
        using var from = new Mat(bench.Picture, seen);
        using var to = new Mat(bench.Other, new Rect(seen.X + dx, seen.Y + dy, seen.Width, seen.Height));
        from.CopyTo(to);
        bench.Turn();
    };

    /// <summary>Takes the colour away with that probability.</summary>
    public static PictureOp Gray(double chance) => (bench, ref random) =>
    {
        if (random.Chance(chance))
        {
            ColorJitter.Saturate(bench.Picture, 0);
        }
    };

    /// <summary>Reducing averages, enlarging is cubic.</summary>
    internal static InterpolationFlags Kind(Mat from, Size size) =>
        from.Width > 1.3 * size.Width || from.Height > 1.3 * size.Height ? InterpolationFlags.Area : InterpolationFlags.Cubic;
}
