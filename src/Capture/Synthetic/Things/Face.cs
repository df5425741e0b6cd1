using OpenCvSharp;

namespace RealtimeSsl.Capture.Synthetic.Things;

/// <summary>A face that speaks: the mouth opens with each syllable, and the voice has that syllable's loudness.</summary>
internal sealed class Face(double x, double y, Rhythm rhythm, double pitch = 120, string name = "face") : Thing(name, rhythm)
{
    private const double Size = 0.12;

    // Formants of five vowels in Hz (Peterson & Barney 1952, men, rounded); a syllable takes one of them.
    private static readonly (double F1, double F2)[] Vowels = [(730, 1090), (530, 1840), (270, 2290), (570, 840), (300, 870)];

    /// <inheritdoc/>
    public override double Ring => 0.5;

    /// <inheritdoc/>
    public override double Sample(in Event e, double t)
    {
        var open = Rhythm.Envelope(e, e.Time + t);
        if (open <= 0)
        {
            return 0;
        }

        var (f1, f2) = Vowels[e.Index % Vowels.Length];
        var f0 = pitch * (1 + 0.08 * Math.Sin(e.Index * 1.7)) * (1 - 0.1 * t / e.Length);
        var sum = 0.0;
        for (var harmonic = 1; harmonic * f0 < 3000; harmonic++)
        {
            var f = harmonic * f0;
            var gain = Resonance(f, f1, 90) + 0.6 * Resonance(f, f2, 120) + 0.03;
            sum += gain * Math.Sin(2 * Math.PI * f * t) / Math.Sqrt(harmonic);
        }

        // A consonant opens every second syllable: a burst of noise.
        var consonant = e.Index % 2 == 0 ? (Hash.Uniform(e.Index + 7, (long)(t * 48000)) - 0.5) * Math.Exp(-t / 0.015) : 0;
        return 0.22 * open * sum + 0.3 * consonant;
    }

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, double time)
    {
        var open = Rhythm.Envelope(time);
        var (cx, cy) = (x + 0.004 * Math.Sin(0.7 * time), y - 0.004 * open);
        canvas.Oval(x, y + 0.21, 0.15, 0.1, new Scalar(120, 90, 60));
        canvas.Oval(cx, cy, Size * 0.85, Size, new Scalar(150, 185, 225));
        canvas.Oval(cx, cy - 0.075, Size * 0.87, 0.055, new Scalar(45, 60, 85));
        var blink = time % 3.1 < 0.12 ? 0.2 : 1;
        foreach (var side in (ReadOnlySpan<int>)[-1, 1])
        {
            canvas.Oval(cx + side * 0.04, cy - 0.02, 0.016, 0.012 * blink, new Scalar(245, 245, 245));
            canvas.Disc(cx + side * 0.04, cy - 0.02, 0.007 * blink, new Scalar(60, 40, 30));
        }

        canvas.Line(cx, cy - 0.005, cx + 0.008, cy + 0.022, new Scalar(125, 160, 200), 0.005);
        canvas.Oval(cx, cy + 0.062 + 0.012 * open, 0.038 - 0.006 * open, 0.006 + 0.03 * open, new Scalar(60, 60, 160));
        canvas.Oval(cx, cy + 0.062 + 0.012 * open, 0.03 - 0.006 * open, 0.001 + 0.024 * open, new Scalar(30, 20, 50));
    }

    /// <inheritdoc/>
    public override (double X1, double Y1, double X2, double Y2) Extent(double time) => (x - Size - 0.01, y - Size - 0.015, x + Size + 0.01, y + 0.16);

    private static double Resonance(double f, double centre, double width) => 1 / (1 + (f - centre) * (f - centre) / (width * width));
}
