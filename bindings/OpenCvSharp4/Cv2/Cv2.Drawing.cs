using OpenCvSharp.Interop;

namespace OpenCvSharp;

// Drawing into a picture.

public static partial class Cv2
{
    public static void Rectangle(InputOutputArray img, Point pt1, Point pt2, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.rectangle_points(img, pt1, pt2, color, thickness, lineType, shift);

    public static void Rectangle(InputOutputArray img, Rect rect, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.rectangle_rect(img, rect, color, thickness, lineType, shift);

    public static void Rectangle(Mat img, Rect rect, Scalar color, int thickness = 1, LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.rectangle_rect(img, rect, color, thickness, lineType, shift);

    public static void Rectangle(Mat img, Point pt1, Point pt2, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.rectangle_points(img, pt1, pt2, color, thickness, lineType, shift);

    public static void Line(InputOutputArray img, Point pt1, Point pt2, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.line(img, pt1, pt2, color, thickness, lineType, shift);

    public static void Line(InputOutputArray img, int pt1X, int pt1Y, int pt2X, int pt2Y, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Line(img, new Point(pt1X, pt1Y), new Point(pt2X, pt2Y), color, thickness, lineType, shift);

    public static void Circle(InputOutputArray img, Point center, int radius, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.circle(img, center, radius, color, thickness, lineType, shift);

    public static void Circle(InputOutputArray img, int centerX, int centerY, int radius, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Circle(img, new Point(centerX, centerY), radius, color, thickness, lineType, shift);

    public static void Ellipse(InputOutputArray img, Point center, Size axes, double angle, double startAngle, double endAngle, Scalar color,
        int thickness = 1, LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.ellipse(img, center, axes, angle, startAngle, endAngle, color, thickness, lineType, shift);

    public static void FillPoly(InputOutputArray img, InputArray pts, Scalar color, LineTypes lineType = LineTypes.Link8, int shift = 0,
        Point? offset = null) =>
        Native.fill_polygon(img, pts, color, lineType, shift, offset ?? default);

    public static void FillPoly(Mat img, IEnumerable<IEnumerable<Point>> pts, Scalar color, LineTypes lineType = LineTypes.Link8, int shift = 0,
        Point? offset = null)
    {
        var (points, counts) = Flatten(pts);
        Native.fill_polygons(img, points, counts, counts.Length, color, lineType, shift, offset ?? default);
    }

    public static void Polylines(InputOutputArray img, InputArray pts, bool isClosed, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0) =>
        Native.draw_polyline(img, pts, isClosed ? 1 : 0, color, thickness, lineType, shift);

    public static void Polylines(Mat img, IEnumerable<IEnumerable<Point>> pts, bool isClosed, Scalar color, int thickness = 1,
        LineTypes lineType = LineTypes.Link8, int shift = 0)
    {
        var (points, counts) = Flatten(pts);
        Native.draw_polylines(img, points, counts, counts.Length, isClosed ? 1 : 0, color, thickness, lineType, shift);
    }

    private static (Point[] Points, int[] Counts) Flatten(IEnumerable<IEnumerable<Point>> polygons)
    {
        ArgumentNullException.ThrowIfNull(polygons);
        var points = new List<Point>();
        var counts = new List<int>();
        foreach (var polygon in polygons)
        {
            var before = points.Count;
            points.AddRange(polygon);
            counts.Add(points.Count - before);
        }

        return ([.. points], [.. counts]);
    }

    public static void PutText(InputOutputArray img, string text, Point org, HersheyFonts fontFace, double fontScale, Scalar color,
        int thickness = 1, LineTypes lineType = LineTypes.Link8, bool bottomLeftOrigin = false)
    {
        Refuse(text);
        Native.put_text(img, text, org, fontFace, fontScale, color, thickness, lineType, bottomLeftOrigin ? 1 : 0);
    }

    public static Size GetTextSize(string text, HersheyFonts fontFace, double fontScale, int thickness, out int baseLine)
    {
        Refuse(text);
        Native.text_size(text, fontFace, fontScale, thickness, out baseLine, out var size);
        return size;
    }

    /// <summary>The real package takes no text for a missing one.</summary>
    private static void Refuse(string text)
    {
        if (string.IsNullOrEmpty(text))
        {
            throw new ArgumentNullException(nameof(text));
        }
    }
}
