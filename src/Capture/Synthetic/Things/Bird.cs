using OpenCvSharp;

namespace RealtimeSsl.Capture.Synthetic.Things;

/// <summary>A bird on a twig: beak, throat and wing move with each chirp.</summary>
internal sealed class Bird(double x, double y, Rhythm rhythm) : Thing("bird", rhythm)
{
    /// <inheritdoc/>
    public override double Ring => 0.4;

    /// <inheritdoc/>
    public override double Sample(in Event e, double t)
    {
        var open = Rhythm.Envelope(e, e.Time + t);
        var at = t / e.Length;
        var sweep = 2600 + 250 * (e.Index % 4);
        return open <= 0 ? 0 : 0.3 * open * Math.Sin(2 * Math.PI * (sweep * t + 900 * t * at * 0.5) + 3 * Math.Sin(2 * Math.PI * 28 * t));
    }

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, double time)
    {
        var open = Rhythm.Envelope(time);
        var by = y - 0.012 * open;
        canvas.Line(x - 0.13, y + 0.085, x + 0.13, y + 0.075, new Scalar(40, 70, 100), 0.012);
        canvas.Line(x - 0.09, by + 0.02, x - 0.15, by + 0.035 - 0.03 * open, new Scalar(30, 150, 210), 0.022);
        canvas.Oval(x, by + 0.02, 0.1, 0.06, new Scalar(40, 190, 245), -12);
        canvas.Oval(x - 0.015, by + 0.015 - 0.035 * open, 0.065, 0.03 + 0.012 * open, new Scalar(30, 150, 215), -12 - 28 * open);
        canvas.Disc(x + 0.085, by - 0.03, 0.045, new Scalar(50, 200, 250));
        canvas.Disc(x + 0.1, by - 0.04, 0.008, new Scalar(20, 20, 20));
        canvas.Line(x + 0.12, by - 0.03, x + 0.165, by - 0.03 - 0.035 * open, new Scalar(30, 110, 230), 0.012);
        canvas.Line(x + 0.12, by - 0.022, x + 0.16, by - 0.02 + 0.03 * open, new Scalar(25, 95, 205), 0.011);
        canvas.Line(x - 0.005, by + 0.07, x - 0.005, y + 0.085, new Scalar(40, 90, 140), 0.007);
        canvas.Line(x + 0.03, by + 0.07, x + 0.03, y + 0.085, new Scalar(40, 90, 140), 0.007);
    }

    /// <inheritdoc/>
    public override (double X1, double Y1, double X2, double Y2) Extent(double time) => (x - 0.17, y - 0.1, x + 0.18, y + 0.1);
}
