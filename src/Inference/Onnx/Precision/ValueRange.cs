namespace RealtimeSsl.Inference.Onnx.Precision;

/// <summary>How the range of a value that is quantized is chosen from what was seen of it.</summary>
public enum RangeRule
{
    /// <summary>All that was seen.</summary>
    MinMax,

    /// <summary>Leaves 1 in 100,000 beyond each end.</summary>
    Percentile,

    /// <summary>Where the squared error of rounding and cutting together is least.</summary>
    LeastError,
}

/// <summary>
/// What was seen of one value of a network: its extremes, then how often it lay where in between, in 4096 bins.
/// </summary>
public sealed class ValueRange
{
    private const int Bins = 4096;
    private const double Tail = 1e-5;
    private readonly long[] _counts = new long[Bins];
    private double _perBin;

    /// <summary>Smallest number seen; 0 if none was below.</summary>
    public float Low { get; private set; }

    /// <summary>Largest number seen; 0 if none was above.</summary>
    public float High { get; private set; }

    /// <summary>Largest magnitude seen.</summary>
    public float Largest => Math.Max(High, -Low);

    /// <summary>Widens the extremes. 0 is always within: padding is 0, and must stay exactly that.</summary>
    /// <exception cref="InferenceException">Not all of them are numbers.</exception>
    public void Widen(ReadOnlySpan<float> values)
    {
        var (low, high) = (System.Numerics.Tensors.TensorPrimitives.Min(values), System.Numerics.Tensors.TensorPrimitives.Max(values));
        if (!float.IsFinite(low) || !float.IsFinite(high))
        {
            throw new InferenceException("the network gives values that are no numbers");
        }

        (Low, High) = (Math.Min(Low, low), Math.Max(High, high));
        _perBin = High > Low ? (High - (double)Low) / Bins : 0;
    }

    /// <summary>Counts values, once the extremes are known.</summary>
    public void Count(ReadOnlySpan<float> values)
    {
        if (_perBin == 0)
        {
            return;
        }

        var (low, factor) = (Low, (float)(1 / _perBin));
        foreach (var value in values)
        {
            _counts[Math.Clamp((int)((value - low) * factor), 0, Bins - 1)]++;
        }
    }

    /// <summary>The range by a rule; 0 is within.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="levels">Into how many steps the range is to be divided.</param>
    public (float Low, float High) By(RangeRule rule, int levels = 255) => rule switch
    {
        RangeRule.Percentile => Percentile(),
        RangeRule.LeastError => LeastError(levels),
        _ => (Low, High),
    };

    private (float Low, float High) Percentile()
    {
        var beyond = _counts.Sum() * Tail;
        var (first, last) = (0, Bins - 1);
        for (var seen = 0L; first < Bins && (seen += _counts[first]) <= beyond; first++)
        {
        }

        for (var seen = 0L; last > first && (seen += _counts[last]) <= beyond; last--)
        {
        }

        return (Math.Min(0, Edge(first)), Math.Max(0, Edge(last + 1)));
    }

    /// <summary>Tries ranges that are cut to parts of the whole one, and takes the one with the least expected squared error.</summary>
    private (float Low, float High) LeastError(int levels)
    {
        var (best, least) = ((Low, High), double.PositiveInfinity);
        for (var part = 100; part >= 30; part -= 2)
        {
            var (low, high) = (Low * part / 100.0, High * part / 100.0);
            var step = (high - low) / levels;
            var error = 0.0;
            for (var bin = 0; bin < Bins; bin++)
            {
                var middle = Low + (bin + 0.5) * _perBin;
                var cut = middle < low ? low - middle : middle > high ? middle - high : 0;

                // Within: a step's uniform rounding error. Zeros, of which a rectified value has many, are exact, whatever the step.
                var exact = Math.Abs(middle) <= _perBin;
                error += _counts[bin] * (cut > 0 ? cut * cut : exact ? 0 : step * step / 12);
            }

            if (error < least)
            {
                (best, least) = (((float)low, (float)high), error);
            }
        }

        return best;
    }

    private float Edge(int bin) => (float)(Low + bin * _perBin);
}
