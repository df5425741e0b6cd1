using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Synthetic;

/// <summary>
/// Something in a synthetic scene: moves by a rhythm, and can sound by the very same rhythm. A decoy moves and stays silent.
/// Coordinates are fractions of the picture's height (x runs to the aspect ratio), so that a scene looks alike at every size.
/// </summary>
/// <param name="name">What it is: the label in the ground truth.</param>
/// <param name="rhythm">When it does what it does.</param>
internal abstract class Thing(string name, Rhythm rhythm)
{
    /// <summary>What it is.</summary>
    public string Name { get; } = name;

    /// <summary>When it does what it does.</summary>
    public Rhythm Rhythm { get; } = rhythm;

    /// <summary>The spans of time in which it sounds, in seconds; empty for a decoy.</summary>
    public IReadOnlyList<(double From, double To)> Sounds { get; init; } = [];

    /// <summary>Whether it can be seen: an off-screen thing only sounds.</summary>
    public virtual bool Visible => true;

    /// <summary>Longest ring of one of its sounds after the event began, in seconds.</summary>
    public abstract double Ring { get; }

    /// <summary>One sample of the sound of one event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="t">Seconds since the event began, 0 to <see cref="Ring"/>.</param>
    public abstract double Sample(in Event e, double t);

    /// <summary>Draws it.</summary>
    /// <param name="canvas">Where to.</param>
    /// <param name="time">Seconds of the scene.</param>
    public abstract void Draw(Canvas canvas, double time);

    /// <summary>Its extent at a time, as (x1, y1, x2, y2) in fractions of the picture's height.</summary>
    public abstract (double X1, double Y1, double X2, double Y2) Extent(double time);

    /// <summary>Whether an event falls into a span in which the thing sounds.</summary>
    public bool Voices(in Event e)
    {
        foreach (var (from, to) in Sounds)
        {
            if (e.Time >= from && e.Time + e.Length <= to)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Its extent as a box in 0..1 of the picture.</summary>
    /// <param name="time">Seconds of the scene.</param>
    /// <param name="aspect">Width over height of the picture.</param>
    public Box Box(double time, double aspect)
    {
        var (x1, y1, x2, y2) = Extent(time);
        return new Box((float)Math.Max(0, x1 / aspect), (float)Math.Max(0, y1), (float)Math.Min(1, x2 / aspect), (float)Math.Min(1, y2));
    }
}

/// <summary>Draws in fractions of the picture's height, at a sixteenth of a pixel: motion would otherwise jump from pixel to pixel.</summary>
/// <param name="image">BGR, 8 bits.</param>
internal readonly struct Canvas(Mat image)
{
    private const int Shift = 4;

    /// <summary>Width over height.</summary>
    public double Aspect => (double)image.Width / image.Height;

    /// <summary>A filled disc.</summary>
    public void Disc(double x, double y, double radius, Scalar colour) =>
        Cv2.Circle(image, At(x, y), Length(radius), colour, -1, LineTypes.AntiAlias, Shift);

    /// <summary>A filled ellipse, turned by degrees.</summary>
    public void Oval(double x, double y, double rx, double ry, Scalar colour, double angle = 0) =>
        Cv2.Ellipse(image, At(x, y), new Size(Length(rx), Length(ry)), angle, 0, 360, colour, -1, LineTypes.AntiAlias, Shift);

    /// <summary>The outline of an ellipse.</summary>
    public void Ring(double x, double y, double rx, double ry, Scalar colour, double thickness) =>
        Cv2.Ellipse(image, At(x, y), new Size(Length(rx), Length(ry)), 0, 0, 360, colour, Pixels(thickness), LineTypes.AntiAlias, Shift);

    /// <summary>A line.</summary>
    public void Line(double x1, double y1, double x2, double y2, Scalar colour, double thickness) =>
        Cv2.Line(image, At(x1, y1), At(x2, y2), colour, Pixels(thickness), LineTypes.AntiAlias, Shift);

    /// <summary>A filled rectangle.</summary>
    public void Block(double x1, double y1, double x2, double y2, Scalar colour) =>
        Cv2.Rectangle(image, At(x1, y1), At(x2, y2), colour, -1, LineTypes.AntiAlias, Shift);

    private int Length(double fraction) => Math.Max(1, (int)Math.Round(fraction * image.Height * (1 << Shift)));

    private int Pixels(double fraction) => Math.Max(1, (int)Math.Round(fraction * image.Height));

    private Point At(double x, double y) => new(
        (int)Math.Round(x * image.Height * (1 << Shift)),
        (int)Math.Round(y * image.Height * (1 << Shift)));
}
