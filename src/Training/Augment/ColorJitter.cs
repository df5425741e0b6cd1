using OpenCvSharp;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>A range that a factor is drawn from.</summary>
public readonly record struct Range(double From, double To)
{
    internal double Draw(ref SeededRandom random) => random.Uniform(From, To);
}

/// <summary>
/// Brightness, contrast, saturation and hue, each changed by a random factor, in random order: torchvision's ColorJitter, whose factors are
/// absolute (1 changes nothing) and whose hue is a turn of the colour circle.
/// </summary>
/// <param name="Brightness">Factor of the values.</param>
/// <param name="Contrast">Factor of the distance from the mean grey.</param>
/// <param name="Saturation">Factor of the distance from each pixel's own grey.</param>
/// <param name="Hue">Turns of the colour circle.</param>
public sealed record ColorJitter(Range Brightness, Range Contrast, Range Saturation, Range Hue)
{
    /// <summary>MoCo v2 (Chen et al. 2020): 0.4, 0.4, 0.4, 0.1 about what is there.</summary>
    public static ColorJitter MoCo { get; } = new(new(0.6, 1.4), new(0.6, 1.4), new(0.6, 1.4), new(-0.1, 0.1));

    /// <summary>SSLalign's: the ranges are given as absolute ones, so it always darkens.</summary>
    public static ColorJitter SslAlign { get; } = new(new(0, 0.4), new(0, 0.4), new(0, 0.4), new(0, 0.1));

    internal void Apply(PictureBench bench, ref SeededRandom random)
    {
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        foreach (var what in order)
        {
            switch (what)
            {
                case 0:
                    Scale(bench.Picture, Brightness.Draw(ref random), 0);
                    break;
                case 1:
                    Scale(bench.Picture, Contrast.Draw(ref random), MeanGrey(bench.Picture));
                    break;
                case 2:
                    Saturate(bench.Picture, Saturation.Draw(ref random));
                    break;
                default:
                    Turn(bench, Hue.Draw(ref random));
                    break;
            }
        }
    }

    /// <summary>Grey + factor (colour - grey), for each pixel; grey as ITU-R 601 weighs it.</summary>
    internal static void Saturate(Mat picture, double factor)
    {
        // 16 fractional bits.
        var share = (int)Math.Round(factor * 65536);
        var pixels = picture.AsSpan<byte>();
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var grey = Grey(pixels[i], pixels[i + 1], pixels[i + 2]);
            for (var c = i; c < i + 3; c++)
            {
                pixels[c] = (byte)Math.Clamp(grey + (((pixels[c] - grey) * share + 32768) >> 16), 0, 255);
            }
        }
    }

    private static int Grey(int red, int green, int blue) => (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16;

    private static int MeanGrey(Mat picture)
    {
        var pixels = picture.AsSpan<byte>();
        var sum = 0L;
        for (var i = 0; i < pixels.Length; i += 3)
        {
            sum += Grey(pixels[i], pixels[i + 1], pixels[i + 2]);
        }

        return (int)(sum / Math.Max(1, pixels.Length / 3));
    }

    private static void Scale(Mat picture, double factor, int about)
    {
        Span<byte> table = stackalloc byte[256];
        for (var i = 0; i < 256; i++)
        {
            table[i] = (byte)Math.Clamp(Math.Round(about + factor * (i - about)), 0, 255);
        }

        foreach (ref var value in picture.AsSpan<byte>())
        {
            value = table[value];
        }
    }

    private static void Turn(PictureBench bench, double turns)
    {
        // OpenCV keeps hue in 180 steps.
        Cv2.CvtColor(bench.Picture, bench.Other, ColorConversionCodes.RGB2HSV);
        var shift = (int)Math.Round((turns - Math.Floor(turns)) * 180);
        var pixels = bench.Other.AsSpan<byte>();
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var hue = pixels[i] + shift;
            pixels[i] = (byte)(hue >= 180 ? hue - 180 : hue);
        }

        Cv2.CvtColor(bench.Other, bench.Picture, ColorConversionCodes.HSV2RGB);
    }
}
