using OpenCvSharp;

namespace RealtimeSsl.Outputs;

/// <summary>
/// One colour per source id, the same in every picture and on the live page: equally light, soft, with the hue going round by the golden angle,
/// so that neighbours in number are far apart in hue and no two ids share a colour.
/// </summary>
public static class SourceColors
{
    private const double Lightness = 0.80, Chroma = 0.135, GoldenAngle = 2.399963229728653, First = 2.75;

    /// <summary>The colour of an id as 8-bit R, G, B: OKLCH (0.80, 0.135, 2.75 + id * golden angle), clipped to sRGB.</summary>
    public static (byte R, byte G, byte B) Of(int id)
    {
        var hue = First + id * GoldenAngle;
        double a = Chroma * Math.Cos(hue), b = Chroma * Math.Sin(hue);

        // B. Ottosson, "A perceptual color space for image processing" (2020): OKLab to linear sRGB.
        var l = Cube(Lightness + 0.3963377774 * a + 0.2158037573 * b);
        var m = Cube(Lightness - 0.1055613458 * a - 0.0638541728 * b);
        var s = Cube(Lightness - 0.0894841775 * a - 1.2914855480 * b);
        return (Encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                Encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                Encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
    }

    /// <summary>The colour of an id for OpenCV.</summary>
    internal static Scalar Bgr(int id)
    {
        var (r, g, b) = Of(id);
        return new Scalar(b, g, r);
    }

    private static double Cube(double x) => x * x * x;

    // The transfer curve of sRGB (IEC 61966-2-1).
    private static byte Encode(double linear)
    {
        var x = Math.Clamp(linear, 0, 1);
        return (byte)Math.Round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * Math.Pow(x, 1 / 2.4) - 0.055));
    }
}
