using OpenCvSharp;

namespace RealtimeSsl.Capture.Synthetic.Things;

/// <summary>A fan that turns all the time and makes no sound.</summary>
internal sealed class Fan(double x, double y) : Thing("fan", new Rhythm(0, 1, 1))
{
    /// <inheritdoc/>
    public override double Ring => 0;

    /// <inheritdoc/>
    public override double Sample(in Event e, double t) => 0;

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, double time)
    {
        canvas.Line(x, y, x, y + 0.2, new Scalar(110, 110, 110), 0.014);
        for (var blade = 0; blade < 3; blade++)
        {
            var angle = 5.1 * time + blade * 2 * Math.PI / 3;
            canvas.Oval(x + 0.05 * Math.Cos(angle), y + 0.05 * Math.Sin(angle), 0.05, 0.018, new Scalar(200, 180, 150), angle * 180 / Math.PI);
        }

        canvas.Ring(x, y, 0.11, 0.11, new Scalar(120, 120, 120), 0.005);
        canvas.Disc(x, y, 0.014, new Scalar(90, 90, 90));
    }

    /// <inheritdoc/>
    public override (double X1, double Y1, double X2, double Y2) Extent(double time) => (x - 0.12, y - 0.12, x + 0.12, y + 0.2);
}

/// <summary>A pendulum: swings smoothly and makes no sound.</summary>
internal sealed class Pendulum(double x, double y) : Thing("pendulum", new Rhythm(0, 1, 1))
{
    /// <inheritdoc/>
    public override double Ring => 0;

    /// <inheritdoc/>
    public override double Sample(in Event e, double t) => 0;

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, double time)
    {
        var angle = 0.6 * Math.Sin(2 * Math.PI * time / 1.7);
        var (bx, by) = (x + 0.22 * Math.Sin(angle), y + 0.22 * Math.Cos(angle));
        canvas.Line(x, y, bx, by, new Scalar(100, 100, 100), 0.006);
        canvas.Disc(bx, by, 0.035, new Scalar(80, 170, 90));
    }

    /// <inheritdoc/>
    public override (double X1, double Y1, double X2, double Y2) Extent(double time) => (x - 0.17, y, x + 0.17, y + 0.26);
}

/// <summary>A knock from somewhere that the camera does not see.</summary>
internal sealed class OffScreen(Rhythm rhythm) : Thing("off-screen", rhythm)
{
    /// <inheritdoc/>
    public override bool Visible => false;

    /// <inheritdoc/>
    public override double Ring => 0.2;

    /// <inheritdoc/>
    public override double Sample(in Event e, double t) =>
        e.Strength * 0.45 * (Math.Sin(2 * Math.PI * 420 * t) + 0.5 * Math.Sin(2 * Math.PI * 910 * t)) * Math.Exp(-t / 0.03);

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, double time)
    {
    }

    /// <inheritdoc/>
    public override (double X1, double Y1, double X2, double Y2) Extent(double time) => (-1, 0, -1, 0);
}
