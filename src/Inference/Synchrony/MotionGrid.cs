namespace RealtimeSsl.Inference;

/// <summary>What a new picture turned out to be.</summary>
internal enum PictureChange
{
    /// <summary>The first one: there is nothing to compare it with.</summary>
    First,

    /// <summary>The scene goes on.</summary>
    Continues,

    /// <summary>A flash, or the first picture after a cut: not yet clear which; it counts as no motion.</summary>
    Interrupted,

    /// <summary>Another scene: what was known about the old one's cells is void.</summary>
    Cut,
}

/// <summary>
/// Pictures to motion per cell: the mean change of grey per 1/30 s beyond the sensor's noise, less the change of brightness that the whole picture
/// shares, smoothed over neighbouring cells, as a square root (a rate that varies over decades enters a correlation better so).
/// </summary>
/// <param name="settings">Grid, noise floor, cut detection.</param>
internal sealed class MotionGrid(SynchronySettings settings)
{
    private const float Ceiling = 40;
    private readonly Thumbnail _now = new();
    private readonly int[] _histogram = new int[511];
    private float[] _before = [];
    private float[] _aside = [];
    private float[] _rough = [];
    private bool _hasBefore;
    private bool _hasAside;
    private double _shape;

    /// <summary>Rows of the grid.</summary>
    public int Rows { get; private set; }

    /// <summary>Columns of the grid.</summary>
    public int Cols { get; private set; }

    /// <summary>Rows x Cols motion, 0 = still.</summary>
    public float[] Motion { get; private set; } = [];

    /// <summary>Forgets the last picture.</summary>
    public void Reset() => (_hasBefore, _hasAside) = (false, false);

    /// <summary>Makes the grid for pictures of that size.</summary>
    /// <returns>Whether the grid is another one than before.</returns>
    public bool Fit(int width, int height)
    {
        var shape = (double)width / height;
        if (Math.Abs(shape - _shape) < 1e-6)
        {
            return false;
        }

        _shape = shape;
        Rows = settings.Rows;
        Cols = Math.Clamp((int)Math.Round(Rows * shape), 4, 64);
        _now.Resize(Cols * settings.CellPixels, Rows * settings.CellPixels);
        _before = new float[_now.Pixels.Length];
        _aside = new float[_now.Pixels.Length];
        _rough = new float[Rows * Cols];
        Motion = new float[Rows * Cols];
        Reset();
        return true;
    }

    /// <summary>Compares a picture with the one before it and fills <see cref="Motion"/>.</summary>
    /// <param name="bgr">Packed rows, 3 bytes a pixel.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="seconds">Time since the picture before; above 0.</param>
    public PictureChange Advance(ReadOnlySpan<byte> bgr, int width, int height, double seconds)
    {
        _now.Read(bgr, width, height);
        Array.Clear(Motion);
        if (!_hasBefore)
        {
            Keep(_before);
            _hasBefore = true;
            return PictureChange.First;
        }

        if (IsAnother(_before))
        {
            return Interrupt();
        }

        _hasAside = false;
        Measure(seconds);
        Keep(_before);
        return PictureChange.Continues;
    }

    /// <summary>A flash goes back to what was before; a cut stays. So the picture before is kept until the next one tells.</summary>
    private PictureChange Interrupt()
    {
        var confirmed = _hasAside && !IsAnother(_aside);
        Keep(_aside);
        _hasAside = true;
        if (!confirmed)
        {
            return PictureChange.Interrupted;
        }

        Keep(_before);
        _hasAside = false;
        return PictureChange.Cut;
    }

    private void Keep(float[] target) => _now.Pixels.CopyTo(target, 0);

    private bool IsAnother(float[] other)
    {
        var strong = 0;
        var now = _now.Pixels;
        for (var i = 0; i < now.Length; i++)
        {
            strong += Math.Abs(now[i] - other[i]) > settings.CutLevel ? 1 : 0;
        }

        return strong > settings.CutShare * now.Length;
    }

    private void Measure(double seconds)
    {
        var (shift, noise) = Background();
        var floor = (float)(settings.MotionFloor + 3 * noise);
        var now = _now.Pixels;
        var side = settings.CellPixels;
        var scale = (float)(1 / (30 * seconds) / (side * side));
        Array.Clear(_rough);
        for (var y = 0; y < _now.Height; y++)
        {
            var row = _rough.AsSpan(y / side * Cols, Cols);
            var at = y * _now.Width;
            for (var x = 0; x < Cols; x++)
            {
                var sum = 0f;
                for (var end = at + side; at < end; at++)
                {
                    var change = Math.Abs(now[at] - _before[at] - shift) - floor;
                    sum += change > 0 ? Math.Min(change, Ceiling) : 0;
                }

                row[x] += sum * scale;
            }
        }

        Smooth();
    }

    /// <summary>The change that most pixels share (exposure, a lamp) and the spread around it (noise): medians, so that what moves has no say.</summary>
    private (float Shift, float Noise) Background()
    {
        Array.Clear(_histogram);
        var now = _now.Pixels;
        for (var i = 0; i < now.Length; i++)
        {
            _histogram[(int)Math.Clamp(MathF.Round((now[i] - _before[i]) * 8) + 255, 0, 510)]++;
        }

        var median = Rank(now.Length / 2);
        return (median, Math.Max(0, (Rank(now.Length * 3 / 4) - Rank(now.Length / 4)) / 1.35f));

        float Rank(int rank)
        {
            var bin = 0;
            for (var sum = _histogram[0]; sum <= rank; sum += _histogram[bin])
            {
                bin++;
            }

            return (bin - 255) / 8f;
        }
    }

    /// <summary>Binomial 3 x 3, edges mirrored, then the square root.</summary>
    private void Smooth()
    {
        for (var y = 0; y < Rows; y++)
        {
            var above = Math.Max(y - 1, 0) * Cols;
            var here = y * Cols;
            var below = Math.Min(y + 1, Rows - 1) * Cols;
            for (var x = 0; x < Cols; x++)
            {
                var (left, right) = (Math.Max(x - 1, 0), Math.Min(x + 1, Cols - 1));
                var sum = Column(left) + 2 * Column(x) + Column(right);
                Motion[here + x] = MathF.Sqrt(sum / 16);
            }

            float Column(int x) => _rough[above + x] + 2 * _rough[here + x] + _rough[below + x];
        }
    }
}
