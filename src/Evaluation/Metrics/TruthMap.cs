namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>What the numbers of a box mean, and how they become pixels of the 224 grid.</summary>
public enum BoxUnit
{
    /// <summary>Parts of width and height: clipped to 0..1, times 224, truncated (VGG-SS).</summary>
    Fraction,

    /// <summary>Pixels of a 256 grid: 224 v / 256, truncated (Flickr-SoundNet).</summary>
    Pixel256,

    /// <summary>Pixels of a 224 grid, truncated (IS3, VPO, AVSBench).</summary>
    Pixel224,
}

/// <summary>A box as the annotation has it: a corner (X0, Y0), the opposite one (X1, Y1).</summary>
public readonly record struct TruthBox(double X0, double Y0, double X1, double Y1)
{
    /// <summary>What sounds there, where boxes of one picture are of several classes; null: what its sample says.</summary>
    public string? Class { get; init; }

    /// <summary>Whether all four are numbers.</summary>
    public bool IsNumber => !double.IsNaN(X0 + Y0 + X1 + Y1);

    /// <summary>Whether it is turned inside out.</summary>
    public bool IsInverted => X1 < X0 || Y1 < Y0;
}

/// <summary>
/// Boxes to a map of ground truth: half-open slices, so an inverted or empty box gives nothing. Pictures are treated as squashed to a square, as
/// all peers do.
/// </summary>
public static class TruthMap
{
    /// <summary>Fills a map.</summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="unit">What their numbers mean.</param>
    /// <param name="consensus">
    /// Each box is one annotator's: a pixel of one has 0.5, of two or more 1 (Senocak 2018). Otherwise the union has 1.
    /// </param>
    /// <param name="map">side x side.</param>
    /// <param name="side">Pixels.</param>
    public static void Fill(IReadOnlyList<TruthBox> boxes, BoxUnit unit, bool consensus, Span<float> map, int side = Conventions.Side)
    {
        map.Clear();
        foreach (var box in boxes)
        {
            var (x0, y0, x1, y1) = Pixels(box, unit, side);
            for (var y = y0; y < y1 && x1 > x0; y++)
            {
                foreach (ref var pixel in map.Slice(y * side + x0, x1 - x0))
                {
                    pixel = consensus ? Math.Min(1, pixel + 0.5f) : 1;
                }
            }
        }
    }

    /// <summary>A box in pixels, within the grid.</summary>
    public static (int X0, int Y0, int X1, int Y1) Pixels(TruthBox box, BoxUnit unit, int side = Conventions.Side)
    {
        return (To(box.X0), To(box.Y0), To(box.X1), To(box.Y1));

        // Clamped before the conversion: annotations hold numbers like -2.9e16. Not a number becomes 0.
        int To(double v) => (int)Math.Clamp(double.IsNaN(v) ? 0 : Scaled(v), 0, side);

        double Scaled(double v) => unit switch
        {
            BoxUnit.Fraction => Math.Clamp(v, 0, 1) * side,
            BoxUnit.Pixel256 => side * v / 256,
            _ => v * side / Conventions.Side,
        };
    }
}
