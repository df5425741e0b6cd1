namespace RealtimeSsl.Pipeline;

/// <summary>How values between pixels are found.</summary>
public enum ResizeKind
{
    /// <summary>Linear, half-pixel centres, edge repeated: OpenCV's INTER_LINEAR, torch's bilinear with align_corners=False.</summary>
    Linear,

    /// <summary>
    /// Cubic convolution with A = -0.75, half-pixel centres, edge repeated: OpenCV's INTER_CUBIC, torch's bicubic with
    /// align_corners=False.
    /// </summary>
    Cubic,

    /// <summary>Linear, the corner pixels' centres on each other: torch's bilinear with align_corners=True.</summary>
    LinearAligned,

    /// <summary>
    /// Cubic convolution with A = -0.75, the corner pixels' centres on each other: torch's bicubic with align_corners=True.
    /// </summary>
    CubicAligned,

    /// <summary>
    /// Pillow's BICUBIC: cubic convolution with A = -0.5, widened by the factor of reduction (antialiased), cut off and renormalised at
    /// the edges. On pictures also its rounding: 8 bits after each of the two passes.
    /// </summary>
    PilBicubic,

    /// <summary>Pillow's BILINEAR: the same with a triangle.</summary>
    PilBilinear,
}

/// <summary>
/// One axis of a resize: for each target position the run of source positions it reads and their weights. All kinds of resize are
/// such a table, applied once along each axis; taps beyond an edge are added to the edge's own.
/// </summary>
public sealed class TapTable
{
    private readonly int[] _first;
    private readonly double[] _weights;

    /// <summary>Makes the table, or a part of it.</summary>
    /// <param name="source">Source length.</param>
    /// <param name="target">Target length.</param>
    /// <param name="kind">How values between pixels are found.</param>
    /// <param name="skip">Target positions to leave out at the begin: a crop.</param>
    /// <param name="count">Target positions to keep; by default all.</param>
    public TapTable(int source, int target, ResizeKind kind, int skip = 0, int? count = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(target, 1);
        (Source, Target) = (source, count ?? target);
        var scale = (double)source / target;
        var reach = kind switch
        {
            ResizeKind.Linear or ResizeKind.LinearAligned => 1,
            ResizeKind.Cubic or ResizeKind.CubicAligned => 2,
            ResizeKind.PilBilinear => Math.Max(1, scale),
            _ => 2 * Math.Max(1, scale),
        };
        Taps = Math.Min(source, 2 * (int)Math.Ceiling(reach) + (IsPillow(kind) ? 1 : 0));
        _first = new int[Target];
        _weights = new double[Target * Taps];
        for (var i = 0; i < Target; i++)
        {
            var row = _weights.AsSpan(i * Taps, Taps);
            if (IsPillow(kind))
            {
                _first[i] = Antialiased((skip + i + 0.5) * scale, reach, row, kind == ResizeKind.PilBicubic);
            }
            else
            {
                var aligned = kind is ResizeKind.LinearAligned or ResizeKind.CubicAligned;
                var position = aligned ? (skip + i) * ((source - 1.0) / Math.Max(1, target - 1)) : (skip + i + 0.5) * scale - 0.5;
                _first[i] = Interpolated(position, (int)reach, row);
            }
        }
    }

    /// <summary>Source length.</summary>
    public int Source { get; }

    /// <summary>Target length, of the part that was kept.</summary>
    public int Target { get; }

    /// <summary>Weights per target position; those that are not needed are 0 and the last.</summary>
    public int Taps { get; }

    /// <summary>The first source position that a target position reads; First + Taps never exceeds Source.</summary>
    public int First(int target) => _first[target];

    /// <summary>Its Taps weights; their sum is 1.</summary>
    public ReadOnlySpan<double> Weights(int target) => _weights.AsSpan(target * Taps, Taps);

    /// <summary>Whether it is one of Pillow's: antialiased, and on pictures rounded to 8 bits after each pass.</summary>
    internal static bool IsPillow(ResizeKind kind) => kind is ResizeKind.PilBicubic or ResizeKind.PilBilinear;

    private int Interpolated(double position, int reach, Span<double> row)
    {
        var left = (int)Math.Floor(position) - reach + 1;
        var first = Math.Clamp(left, 0, Source - Taps);
        for (var tap = left; tap < left + 2 * reach; tap++)
        {
            var distance = Math.Abs(tap - position);
            row[Math.Clamp(tap, 0, Source - 1) - first] += reach == 1 ? 1 - distance : Cubic(distance, -0.75);
        }

        return first;
    }

    // Pillow's precompute_coeffs: the edges of the run are rounded, and what lies outside the picture does not count.
    private int Antialiased(double centre, double reach, Span<double> row, bool cubic)
    {
        var left = Math.Max(0, (int)(centre - reach + 0.5));
        var right = Math.Min(Source, (int)(centre + reach + 0.5));
        var first = Math.Min(left, Source - Taps);
        var sum = 0.0;
        for (var tap = left; tap < right; tap++)
        {
            var distance = Math.Abs(tap + 0.5 - centre);
            var weight = cubic ? Cubic(distance * 2 / reach, -0.5) : Math.Max(0, 1 - distance / reach);
            row[tap - first] = weight;
            sum += weight;
        }

        foreach (ref var weight in row)
        {
            weight /= sum;
        }

        return first;
    }

    /// <summary>Keys' cubic convolution kernel (IEEE Trans. ASSP 29, 1981).</summary>
    private static double Cubic(double x, double a) => x switch
    {
        < 1 => ((a + 2) * x - (a + 3)) * x * x + 1,
        < 2 => (((x - 5) * x + 8) * x - 4) * a,
        _ => 0,
    };
}
