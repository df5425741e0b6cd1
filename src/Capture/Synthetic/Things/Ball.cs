using OpenCvSharp;

namespace RealtimeSsl.Capture.Synthetic.Things;

/// <summary>A ball that bounces: it is on the floor at each event of its rhythm, squashed, and thuds. In between it flies a parabola of the height that the time allows.</summary>
internal sealed class Ball(double x, double floor, Rhythm rhythm, bool blue = false) : Thing("ball", rhythm)
{
    private const double Radius = 0.05;
    private const double Gravity = 5;

    /// <inheritdoc/>
    public override double Ring => 0.25;

    /// <inheritdoc/>
    public override double Sample(in Event e, double t)
    {
        var thud = Math.Sin(2 * Math.PI * (170 - 200 * t) * t) * Math.Exp(-t / 0.05);
        var slap = (Hash.Uniform(e.Index + 3, (long)(t * 48000)) - 0.5) * Math.Exp(-t / 0.008);
        return e.Strength * 0.55 * (thud + slap);
    }

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, double time)
    {
        var (last, next) = Rhythm.Around(time);
        var since = last is { } impact ? time - impact.Time : 9;
        var squash = 0.3 * Math.Exp(-Math.Min(since, next.Time - time) / 0.03);
        var cy = Height(time);
        var shade = Math.Clamp(1 - (floor - cy) / 0.5, 0.2, 1);
        canvas.Oval(x, floor + 0.008, Radius * (0.6 + 0.4 * shade), 0.012, new Scalar(95, 100, 105));
        canvas.Oval(x, cy + Radius * squash, Radius * (1 + squash * 0.6), Radius * (1 - squash), blue ? new Scalar(220, 120, 50) : new Scalar(50, 90, 230));
        canvas.Oval(x - 0.014, cy - 0.016, Radius * 0.3, Radius * 0.25, blue ? new Scalar(245, 190, 150) : new Scalar(150, 180, 250));
    }

    /// <inheritdoc/>
    public override (double X1, double Y1, double X2, double Y2) Extent(double time)
    {
        var cy = Height(time);
        return (x - 0.07, Math.Min(cy - Radius, floor - 0.16), x + 0.07, floor + 0.03);
    }

    private double Height(double time)
    {
        var (last, next) = Rhythm.Around(time);
        var from = last?.Time ?? next.Time - 0.5;
        var (up, down) = (time - from, next.Time - time);
        return floor - Radius - Gravity / 2 * up * down;
    }
}
