using System.Runtime.InteropServices;

namespace OpenCvSharp;

// Fields, not properties, as in the real package: native code reads these structs as they lie in memory.

/// <summary>A point in pixels.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct Point(int X, int Y)
{
    public int X = X;
    public int Y = Y;

    public Point(double x, double y) : this((int)x, (int)y)
    {
    }

    public readonly Point Add(Point p) => new(X + p.X, Y + p.Y);
    public readonly Point Subtract(Point p) => new(X - p.X, Y - p.Y);
    public readonly Point Multiply(double scale) => new(X * scale, Y * scale);
    public readonly double DistanceTo(Point p) => Distance(this, p);
    public static double Distance(Point p1, Point p2) => Math.Sqrt(Math.Pow(p2.X - p1.X, 2) + Math.Pow(p2.Y - p1.Y, 2));

    public static Point operator +(Point p1, Point p2) => p1.Add(p2);
    public static Point operator -(Point p1, Point p2) => p1.Subtract(p2);
    public static Point operator *(Point pt, double scale) => pt.Multiply(scale);
}

/// <summary>A point between pixels.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct Point2f(float X, float Y)
{
    public float X = X;
    public float Y = Y;

    public readonly Point ToPoint() => new((int)X, (int)Y);
    public static Point2f FromPoint(Point point) => new(point.X, point.Y);
    public static explicit operator Point(Point2f self) => self.ToPoint();
    public static implicit operator Point2f(Point point) => FromPoint(point);

    public readonly Point2f Add(Point2f p) => new(X + p.X, Y + p.Y);
    public readonly Point2f Subtract(Point2f p) => new(X - p.X, Y - p.Y);
    public readonly Point2f Multiply(double scale) => new((float)(X * scale), (float)(Y * scale));
    public readonly double DistanceTo(Point2f p) => Distance(this, p);
    public static double Distance(Point2f p1, Point2f p2) => Math.Sqrt(Math.Pow(p2.X - p1.X, 2) + Math.Pow(p2.Y - p1.Y, 2));

    public static Point2f operator +(Point2f p1, Point2f p2) => p1.Add(p2);
    public static Point2f operator -(Point2f p1, Point2f p2) => p1.Subtract(p2);
    public static Point2f operator *(Point2f pt, double scale) => pt.Multiply(scale);
}

/// <summary>A size in pixels.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct Size(int Width, int Height)
{
    public int Width = Width;
    public int Height = Height;

    public Size(double width, double height) : this((int)width, (int)height)
    {
    }
}

/// <summary>A rectangle in pixels; right and bottom edge are exclusive.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct Rect(int X, int Y, int Width, int Height)
{
    public int X = X;
    public int Y = Y;
    public int Width = Width;
    public int Height = Height;

    public Rect(Point location, Size size) : this(location.X, location.Y, size.Width, size.Height)
    {
    }

    public static Rect FromLTRB(int left, int top, int right, int bottom)
    {
        if (right < left) throw new ArgumentException($"right ({right}) < left ({left})");
        if (bottom < top) throw new ArgumentException($"bottom ({bottom}) < top ({top})");
        return new Rect(left, top, right - left, bottom - top);
    }

    public int Left
    {
        get => X;
        set => X = value;
    }

    public int Top
    {
        readonly get => Y;
        set => Y = value;
    }

    public int Right => X + Width;
    public int Bottom => Y + Height;

    public Point Location
    {
        get => new(X, Y);
        set => (X, Y) = value;
    }

    public Size Size
    {
        get => new(Width, Height);
        set => (Width, Height) = value;
    }

    public Point TopLeft => new(X, Y);
    public Point BottomRight => new(Right, Bottom);

    public readonly bool Contains(int x, int y) => x >= X && y >= Y && x < X + Width && y < Y + Height;
    public readonly bool Contains(Point pt) => Contains(pt.X, pt.Y);

    public readonly bool Contains(Rect rect) =>
        rect.X >= X && rect.Y >= Y && rect.X + rect.Width <= X + Width && rect.Y + rect.Height <= Y + Height;

    public readonly bool IntersectsWith(Rect rect) =>
        X < rect.X + rect.Width && rect.X < X + Width && Y < rect.Y + rect.Height && rect.Y < Y + Height;

    public readonly Rect Intersect(Rect rect) => Intersect(this, rect);
    public readonly Rect Union(Rect rect) => Union(this, rect);

    /// <summary>What both cover; rectangles that only touch give one without area.</summary>
    public static Rect Intersect(Rect a, Rect b)
    {
        var (left, top) = (Math.Max(a.X, b.X), Math.Max(a.Y, b.Y));
        var (right, bottom) = (Math.Min(a.Right, b.Right), Math.Min(a.Bottom, b.Bottom));
        return right < left || bottom < top ? default : new Rect(left, top, right - left, bottom - top);
    }

    /// <summary>The smallest rectangle around both.</summary>
    public static Rect Union(Rect a, Rect b) =>
        FromLTRB(Math.Min(a.X, b.X), Math.Min(a.Y, b.Y), Math.Max(a.Right, b.Right), Math.Max(a.Bottom, b.Bottom));

    public void Inflate(int width, int height) =>
        (X, Y, Width, Height) = (X - width, Y - height, Width + 2 * width, Height + 2 * height);

    public void Inflate(Size size) => Inflate(size.Width, size.Height);

    public readonly Rect Add(Point pt) => this with { X = X + pt.X, Y = Y + pt.Y };
    public readonly Rect Subtract(Point pt) => this with { X = X - pt.X, Y = Y - pt.Y };
    public static Rect operator +(Rect rect, Point pt) => rect.Add(pt);
    public static Rect operator -(Rect rect, Point pt) => rect.Subtract(pt);
    public static Rect operator &(Rect a, Rect b) => Intersect(a, b);
    public static Rect operator |(Rect a, Rect b) => Union(a, b);
}
