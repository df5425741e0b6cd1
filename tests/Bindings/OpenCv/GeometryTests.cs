using OpenCvSharp;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>Points and rectangles behave as the real package's.</summary>
public class GeometryTests
{
    [Fact]
    public void Rectangles_meet_and_join()
    {
        var a = new Rect(0, 0, 10, 10);
        var b = Rect.FromLTRB(5, 6, 20, 12);

        Assert.Equal(new Rect(5, 6, 15, 6), b);
        Assert.Equal(new Rect(5, 6, 5, 4), a & b);
        Assert.Equal(new Rect(0, 0, 20, 12), a | b);
        Assert.True(a.IntersectsWith(b));
        Assert.Equal(default, a.Intersect(new Rect(30, 30, 1, 1)));
        Assert.Equal(new Rect(10, 0, 0, 10), a & new Rect(10, 0, 5, 10));
        Assert.Equal((20, 12, new Point(5, 6), new Point(20, 12)), (b.Right, b.Bottom, b.TopLeft, b.BottomRight));
        Assert.True(a.Contains(9, 9));
        Assert.False(a.Contains(new Point(10, 9)));
        Assert.True(a.Contains(new Rect(2, 2, 8, 8)));
        Assert.Throws<ArgumentException>(() => Rect.FromLTRB(2, 0, 1, 1));

        a.Inflate(1, 2);
        a += new Point(1, 1);
        Assert.Equal(new Rect(0, -1, 12, 14), a);
        a.Location = new Point(7, 8);
        a.Size = new Size(1, 2);
        (a.Left, a.Top) = (a.Left + 1, a.Top + 1);
        Assert.Equal(new Rect(8, 9, 1, 2), a);
    }

    [Fact]
    public void Points_add_scale_and_measure()
    {
        Assert.Equal(new Point(4, 6), new Point(1, 2) + new Point(3, 4));
        Assert.Equal(new Point(2, 3), new Point(1.5, 2.2) * 2 + new Point(0, -1));
        Assert.Equal(5, new Point(0, 0).DistanceTo(new Point(3, 4)));
        Assert.Equal(new Point(2, -1), (Point)(new Point2f(1.25f, -0.9f) * 2));
        Point2f centre = new Point(1, 2);
        Assert.Equal(new Point2f(1, 2), centre);
        var (x, y) = centre - new Point2f(1, 1);
        Assert.Equal((0, 1), (x, y));
        Assert.Equal(new Size(3, 4), new Size(3.9, 4.1));
    }

    [Fact]
    public void Scalars_index_by_channel()
    {
        var s = new Scalar(1, 2) { [3] = 4 };
        Assert.Equal(new Scalar(1, 2, 0, 4), s);
        Assert.Equal(2, s[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => s[4]);
        Assert.Equal(7, ((Scalar)7.0).ToDouble());
        Assert.Equal(new Scalar(3, 2, 1), Scalar.FromRgb(1, 2, 3));
    }

    [Fact]
    public void Codes_of_codecs()
    {
        Assert.Equal(0x47504A4D, VideoWriter.FourCC('M', 'J', 'P', 'G'));
        Assert.Equal(VideoWriter.FourCC("MJPG"), (int)FourCC.FromString("MJPG"));
        Assert.Equal(FourCC.FromFourChars('D', 'I', 'B', ' '), FourCC.FromString("DIB"));
        Assert.Throws<ArgumentException>(() => VideoWriter.FourCC("MPG"));
        Assert.Throws<ArgumentException>(() => FourCC.FromString("MPEG4"));
    }
}
