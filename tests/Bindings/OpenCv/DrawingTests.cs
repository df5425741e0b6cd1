using OpenCvSharp;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>Drawing an overlay, and sending the picture away as JPEG or PNG.</summary>
public sealed class DrawingTests : IDisposable
{
    private readonly Mat picture = new(60, 80, MatType.CV_8UC3, Scalar.Black);

    public void Dispose() => picture.Dispose();

    private (byte B, byte G, byte R) At(int x, int y) => picture.RowSpan<byte>(y).Slice(3 * x, 3) is var p ? (p[0], p[1], p[2]) : default;

    private int Lit()
    {
        using var grey = new Mat();
        Cv2.CvtColor(picture, grey, ColorConversionCodes.BGR2GRAY);
        using var lit = new Mat();
        Cv2.Threshold(grey, lit, 0, 1, ThresholdTypes.Binary);
        return (int)Cv2.Sum(lit).Val0;
    }

    [Fact]
    public void No_text_is_neither_measured_nor_written()
    {
        Assert.Throws<ArgumentNullException>(() => Cv2.GetTextSize("", HersheyFonts.HersheySimplex, 1, 1, out _));
        Assert.Throws<ArgumentNullException>(() => Cv2.PutText(picture, "", new Point(1, 1), HersheyFonts.HersheySimplex, 1, Scalar.White));
    }

    [Fact]
    public void A_rectangle_covers_its_pixels_in_its_colour()
    {
        Cv2.Rectangle(picture, new Rect(10, 20, 30, 10), Scalar.FromRgb(255, 128, 1), -1);

        Assert.Equal((1, 128, 255), At(10, 20));
        Assert.Equal((1, 128, 255), At(39, 29));
        Assert.Equal(default, At(40, 30));
        Assert.Equal(300, Lit());

        Cv2.Rectangle(picture, new Point(0, 0), new Point(4, 4), Scalar.White);
        Assert.Equal((255, 255, 255), At(4, 4));
        Assert.Equal(default, At(2, 2));
        Assert.Equal(316, Lit());
    }

    [Fact]
    public void Lines_circles_and_ellipses_touch_what_they_should()
    {
        Cv2.Line(picture, new Point(0, 5), new Point(79, 5), Scalar.Lime);
        Assert.Equal((0, 255, 0), At(79, 5));
        Assert.Equal(80, Lit());
        Cv2.Line(picture, 0, 6, 79, 6, Scalar.Lime);
        Assert.Equal(160, Lit());

        Cv2.Circle(picture, new Point(40, 30), 10, Scalar.Red, -1, LineTypes.AntiAlias);
        Assert.Equal((0, 0, 255), At(40, 39));
        Cv2.Circle(picture, 40, 30, 2, Scalar.Blue, -1);
        Assert.Equal((255, 0, 0), At(40, 30));

        Cv2.Ellipse(picture, new Point(40, 50), new Size(30, 6), 0, 0, 360, Scalar.Yellow, -1);
        Assert.Equal((0, 255, 255), At(12, 50));
        Assert.Equal(default, At(12, 44));
    }

    [Fact]
    public void Polygons_are_filled_and_outlined()
    {
        Point[] square = [new(10, 10), new(19, 10), new(19, 19), new(10, 19)];
        Point[] other = [new(40, 40), new(44, 40), new(44, 44), new(40, 44)];

        Cv2.FillPoly(picture, [square, other], Scalar.White);
        Assert.Equal(100 + 25, Lit());

        picture.SetTo(Scalar.Black);
        Cv2.Polylines(picture, [square, other], isClosed: true, Scalar.White);
        Assert.Equal(36 + 16, Lit());

        picture.SetTo(Scalar.Black);
        using var points = new Mat(4, 1, MatType.CV_32SC2);
        for (var i = 0; i < 4; i++) points.Set(i, square[i]);
        Cv2.FillPoly((InputOutputArray)picture, points, Scalar.White, offset: new Point(5, 0));
        Assert.Equal(100, Lit());
        Assert.Equal(default, At(12, 12));
        Cv2.Polylines((InputOutputArray)picture, points, isClosed: false, Scalar.Red);
        Assert.Equal((0, 0, 255), At(10, 10));
        Assert.Equal(default, At(10, 15));
    }

    [Fact]
    public void Text_fits_the_size_that_was_foretold()
    {
        var size = Cv2.GetTextSize("dog 0.93", HersheyFonts.HersheySimplex, 0.4, 1, out var baseLine);
        Assert.InRange(size.Width, 40, 75);
        Assert.InRange(size.Height, 6, 12);
        Assert.InRange(baseLine, 1, 8);

        Cv2.PutText(picture, "dog 0.93", new Point(2, 30), HersheyFonts.HersheySimplex, 0.4, Scalar.White);

        var inside = new Rect(2, 30 - size.Height, size.Width, size.Height + baseLine);
        var all = Lit();
        using var box = new Mat(picture, inside);
        box.SetTo(Scalar.Black);
        Assert.True(all > 50, $"only {all} pixels of text");
        Assert.InRange(Lit(), 0, all / 20);
    }

    [Fact]
    public void A_drawn_picture_survives_PNG_exactly_and_JPEG_nearly()
    {
        Cv2.Circle(picture, new Point(40, 30), 20, Scalar.Orange, -1);
        using var difference = new Mat();

        Assert.True(Cv2.ImEncode(".png", picture, out var png));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        using var exact = Cv2.ImDecode(png, ImreadModes.Color);
        Cv2.Absdiff(picture, exact, difference);
        Assert.Equal(default, Cv2.Sum(difference));

        Cv2.ImEncode(".jpg", picture, out var fine, new ImageEncodingParam(ImwriteFlags.JpegQuality, 95));
        Cv2.ImEncode(".jpg", picture, out var coarse, [(int)ImwriteFlags.JpegQuality, 20]);
        Assert.Equal([0xFF, 0xD8, 0xFF], fine[..3]);
        Assert.True(coarse.Length < fine.Length);
        using var near = Cv2.ImDecode(fine.AsSpan(), ImreadModes.Color);
        Cv2.Absdiff(picture, near, difference);
        Assert.InRange(Cv2.Mean(difference).Val2, 0, 4);

        using var grey = Cv2.ImDecode(png, ImreadModes.Grayscale);
        Assert.Equal((60, 80, MatType.CV_8UC1), (grey.Rows, grey.Cols, grey.Type()));
    }

    [Fact]
    public void Encoding_again_and_again_gives_independent_arrays()
    {
        Assert.True(Cv2.ImEncode(".png", picture, out var first));
        var kept = (byte[])first.Clone();
        Cv2.Rectangle(picture, new Rect(0, 0, 80, 30), Scalar.White, -1);
        Assert.True(Cv2.ImEncode(".png", picture, out var second));

        Assert.Equal(kept, first);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Files_are_written_and_read_and_what_is_no_picture_is_empty()
    {
        var file = Path.Combine(Path.GetTempPath(), $"ssl-bild-ä-{Guid.NewGuid():N}.png");
        try
        {
            Cv2.Line(picture, new Point(0, 0), new Point(79, 59), Scalar.Cyan);
            Assert.True(Cv2.ImWrite(file, picture, new ImageEncodingParam(ImwriteFlags.PngCompression, 9)));
            using var back = Cv2.ImRead(file);
            using var difference = new Mat();
            Cv2.Absdiff(picture, back, difference);
            Assert.Equal(default, Cv2.Sum(difference));
        }
        finally
        {
            File.Delete(file);
        }

        using var missing = Cv2.ImRead(file);
        Assert.True(missing.Empty());
        using var noise = Cv2.ImDecode([1, 2, 3, 4], ImreadModes.Color);
        Assert.True(noise.Empty());
        Assert.Throws<OpenCVException>(() => Cv2.ImEncode(".nonsense", picture, out _));
    }

    [Fact]
    public void A_window_without_a_display_is_an_error_and_not_the_end()
    {
        Flavour.SkipOnRealPackage("Qt ends the process");
        Assert.SkipWhen(((string[])["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"]).Any(v => Environment.GetEnvironmentVariable(v) is not null), "There is a display.");

        Assert.Contains("DISPLAY", Assert.Throws<OpenCVException>(() => Cv2.ImShow("picture", picture)).Message, StringComparison.Ordinal);
        Assert.Throws<OpenCVException>(() => Cv2.NamedWindow("picture"));
        Cv2.DestroyAllWindows();
    }

    [Fact]
    public void Named_colours_are_those_of_CSS()
    {
        var fields = typeof(Scalar).GetFields().Where(f => f.IsStatic && f.FieldType == typeof(Scalar)).ToArray();
        Assert.Equal(Scalar.FromRgb(0x8F, 0xBC, 0x8B), Scalar.DarkSeaGreen); // The real package's; CSS has 0x8FBC8F.

        Assert.True(fields.Length > 130);
        foreach (var field in fields.Where(f => f.Name != nameof(Scalar.DarkSeaGreen)))
        {
            var known = System.Drawing.Color.FromName(field.Name);
            Assert.True(known.IsKnownColor, field.Name);
            Assert.Equal(Scalar.FromRgb(known.R, known.G, known.B), (Scalar)field.GetValue(null)!);
        }
    }
}
