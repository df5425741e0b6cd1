using System.Runtime.InteropServices;

namespace OpenCvSharp;

/// <summary>Up to four values, one per channel. A colour's order is the picture's: blue, green, red.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct Scalar(double Val0, double Val1, double Val2, double Val3)
{
    public double Val0 = Val0;
    public double Val1 = Val1;
    public double Val2 = Val2;
    public double Val3 = Val3;

    public Scalar(double val0) : this(val0, 0, 0, 0)
    {
    }

    public Scalar(double val0, double val1) : this(val0, val1, 0, 0)
    {
    }

    public Scalar(double val0, double val1, double val2) : this(val0, val1, val2, 0)
    {
    }

    public double this[int i]
    {
        get => i switch { 0 => Val0, 1 => Val1, 2 => Val2, 3 => Val3, _ => throw new ArgumentOutOfRangeException(nameof(i)) };
        set => _ = i switch
        {
            0 => Val0 = value,
            1 => Val1 = value,
            2 => Val2 = value,
            3 => Val3 = value,
            _ => throw new ArgumentOutOfRangeException(nameof(i)),
        };
    }

    public static Scalar FromRgb(int r, int g, int b) => new(b, g, r);
    private static Scalar Css(int rgb) => FromRgb(rgb >> 16, (rgb >> 8) & 255, rgb & 255);
    public static Scalar All(double v) => new(v, v, v, v);
    public static Scalar FromDouble(double val) => new(val);
    public readonly double ToDouble() => Val0;
    public static explicit operator Scalar(double val) => new(val);
    public static explicit operator double(Scalar self) => self.Val0;

    // The named colours of CSS.
    public static readonly Scalar
        AliceBlue = Css(0xF0F8FF), AntiqueWhite = Css(0xFAEBD7), Aqua = Css(0x00FFFF), Aquamarine = Css(0x7FFFD4), Azure = Css(0xF0FFFF),
        Beige = Css(0xF5F5DC), Bisque = Css(0xFFE4C4), Black = Css(0x000000), BlanchedAlmond = Css(0xFFEBCD), Blue = Css(0x0000FF),
        BlueViolet = Css(0x8A2BE2), Brown = Css(0xA52A2A), BurlyWood = Css(0xDEB887), CadetBlue = Css(0x5F9EA0),
        Chartreuse = Css(0x7FFF00), Chocolate = Css(0xD2691E), Coral = Css(0xFF7F50), CornflowerBlue = Css(0x6495ED),
        Cornsilk = Css(0xFFF8DC), Crimson = Css(0xDC143C), Cyan = Css(0x00FFFF), DarkBlue = Css(0x00008B), DarkCyan = Css(0x008B8B),
        DarkGoldenrod = Css(0xB8860B), DarkGray = Css(0xA9A9A9), DarkGreen = Css(0x006400), DarkKhaki = Css(0xBDB76B),
        DarkMagenta = Css(0x8B008B), DarkOliveGreen = Css(0x556B2F), DarkOrange = Css(0xFF8C00), DarkOrchid = Css(0x9932CC),
        DarkRed = Css(0x8B0000), DarkSalmon = Css(0xE9967A), DarkSeaGreen = Css(0x8FBC8B), DarkSlateBlue = Css(0x483D8B),
        DarkSlateGray = Css(0x2F4F4F), DarkTurquoise = Css(0x00CED1), DarkViolet = Css(0x9400D3), DeepPink = Css(0xFF1493),
        DeepSkyBlue = Css(0x00BFFF), DimGray = Css(0x696969), DodgerBlue = Css(0x1E90FF), Firebrick = Css(0xB22222),
        FloralWhite = Css(0xFFFAF0), ForestGreen = Css(0x228B22), Fuchsia = Css(0xFF00FF), Gainsboro = Css(0xDCDCDC),
        GhostWhite = Css(0xF8F8FF), Gold = Css(0xFFD700), Goldenrod = Css(0xDAA520), Gray = Css(0x808080), Green = Css(0x008000),
        GreenYellow = Css(0xADFF2F), Honeydew = Css(0xF0FFF0), HotPink = Css(0xFF69B4), IndianRed = Css(0xCD5C5C), Indigo = Css(0x4B0082),
        Ivory = Css(0xFFFFF0), Khaki = Css(0xF0E68C), Lavender = Css(0xE6E6FA), LavenderBlush = Css(0xFFF0F5), LawnGreen = Css(0x7CFC00),
        LemonChiffon = Css(0xFFFACD), LightBlue = Css(0xADD8E6), LightCoral = Css(0xF08080), LightCyan = Css(0xE0FFFF),
        LightGoldenrodYellow = Css(0xFAFAD2), LightGray = Css(0xD3D3D3), LightGreen = Css(0x90EE90), LightPink = Css(0xFFB6C1),
        LightSalmon = Css(0xFFA07A), LightSeaGreen = Css(0x20B2AA), LightSkyBlue = Css(0x87CEFA), LightSlateGray = Css(0x778899),
        LightSteelBlue = Css(0xB0C4DE), LightYellow = Css(0xFFFFE0), Lime = Css(0x00FF00), LimeGreen = Css(0x32CD32),
        Linen = Css(0xFAF0E6), Magenta = Css(0xFF00FF), Maroon = Css(0x800000), MediumAquamarine = Css(0x66CDAA),
        MediumBlue = Css(0x0000CD), MediumOrchid = Css(0xBA55D3), MediumPurple = Css(0x9370DB), MediumSeaGreen = Css(0x3CB371),
        MediumSlateBlue = Css(0x7B68EE), MediumSpringGreen = Css(0x00FA9A), MediumTurquoise = Css(0x48D1CC),
        MediumVioletRed = Css(0xC71585), MidnightBlue = Css(0x191970), MintCream = Css(0xF5FFFA), MistyRose = Css(0xFFE4E1),
        Moccasin = Css(0xFFE4B5), NavajoWhite = Css(0xFFDEAD), Navy = Css(0x000080), OldLace = Css(0xFDF5E6), Olive = Css(0x808000),
        OliveDrab = Css(0x6B8E23), Orange = Css(0xFFA500), OrangeRed = Css(0xFF4500), Orchid = Css(0xDA70D6),
        PaleGoldenrod = Css(0xEEE8AA), PaleGreen = Css(0x98FB98), PaleTurquoise = Css(0xAFEEEE), PaleVioletRed = Css(0xDB7093),
        PapayaWhip = Css(0xFFEFD5), PeachPuff = Css(0xFFDAB9), Peru = Css(0xCD853F), Pink = Css(0xFFC0CB), Plum = Css(0xDDA0DD),
        PowderBlue = Css(0xB0E0E6), Purple = Css(0x800080), Red = Css(0xFF0000), RosyBrown = Css(0xBC8F8F), RoyalBlue = Css(0x4169E1),
        SaddleBrown = Css(0x8B4513), Salmon = Css(0xFA8072), SandyBrown = Css(0xF4A460), SeaGreen = Css(0x2E8B57),
        SeaShell = Css(0xFFF5EE), Sienna = Css(0xA0522D), Silver = Css(0xC0C0C0), SkyBlue = Css(0x87CEEB), SlateBlue = Css(0x6A5ACD),
        SlateGray = Css(0x708090), Snow = Css(0xFFFAFA), SpringGreen = Css(0x00FF7F), SteelBlue = Css(0x4682B4), Tan = Css(0xD2B48C),
        Teal = Css(0x008080), Thistle = Css(0xD8BFD8), Tomato = Css(0xFF6347), Turquoise = Css(0x40E0D0), Violet = Css(0xEE82EE),
        Wheat = Css(0xF5DEB3), White = Css(0xFFFFFF), WhiteSmoke = Css(0xF5F5F5), Yellow = Css(0xFFFF00), YellowGreen = Css(0x9ACD32);
}
