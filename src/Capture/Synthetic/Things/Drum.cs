using OpenCvSharp;

namespace RealtimeSsl.Capture.Synthetic.Things;

/// <summary>A drum with a stick: the stick comes down on the beat, the head rings visibly and audibly.</summary>
internal sealed class Drum(double x, double y, Rhythm rhythm) : Thing("drum", rhythm)
{
    private const double Size = 0.11;

    /// <inheritdoc/>
    public override double Ring => 0.35;

    /// <inheritdoc/>
    public override double Sample(in Event e, double t)
    {
        var body = Math.Sin(2 * Math.PI * (95 + 60 * Math.Exp(-t / 0.03)) * t) * Math.Exp(-t / 0.09);
        var snap = (Hash.Uniform(e.Index + 1, (long)(t * 48000)) - 0.5) * 2 * Math.Exp(-t / 0.02);
        return e.Strength * 0.5 * (body + 0.7 * snap);
    }

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, double time)
    {
        var (last, next) = Rhythm.Around(time);
        var since = last is { } hit ? time - hit.Time : 9;
        var ringing = Math.Exp(-since / 0.08) * (last?.Strength ?? 0);
        var shake = 0.006 * ringing * Math.Sin(2 * Math.PI * 18 * since);

        canvas.Block(x - Size, y + shake, x + Size, y + 0.13 + shake, new Scalar(60, 50, 150));
        canvas.Oval(x, y + 0.13 + shake, Size, 0.03, new Scalar(45, 38, 120));
        canvas.Oval(x, y + shake, Size, 0.035 + 0.012 * ringing, new Scalar(205, 215, 225));
        canvas.Ring(x, y + shake, Size, 0.035 + 0.012 * ringing, new Scalar(90, 90, 100), 0.006);
        for (var i = 1; i <= 2 && ringing > 0.05; i++)
        {
            canvas.Ring(x, y + shake, Size * i / 3 * (1 + 0.5 * ringing), 0.012 * i, new Scalar(120, 130, 150), 0.003);
        }

        // Down within 80 ms before the beat, back up within 140 ms after it, raised in between.
        var down = Math.Max(Ease(1 - (next.Time - time) / 0.08), Ease(1 - since / 0.14));
        var (tipX, tipY) = (x - 0.01, y - 0.12 * (1 - down) - 0.008);
        canvas.Line(x + 0.16, y - 0.15 - 0.02 * (1 - down), tipX, tipY, new Scalar(70, 130, 190), 0.012);
        canvas.Disc(tipX, tipY, 0.016, new Scalar(80, 150, 215));
    }

    /// <inheritdoc/>
    public override (double X1, double Y1, double X2, double Y2) Extent(double time) => (x - Size - 0.01, y - 0.17, x + 0.18, y + 0.165);

    private static double Ease(double at) => at <= 0 ? 0 : at >= 1 ? 1 : at * at * (3 - 2 * at);
}
