using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// A coarse map to the prediction that is thresholded: brought to the evaluation's grid, then stretched to 0..1 by its own extremes, in the floats
/// and the order of the peers' code: 1 - minmax(-S). A constant map is not stretched: it becomes 1 + S. Nothing is allocated per map of one size.
/// </summary>
/// <param name="upsampling">How values between cells are found.</param>
/// <param name="side">Side of the grid.</param>
public sealed class PredictionMap(HeatmapUpsampling upsampling, int side = Conventions.Side)
{
    private SeparableResize? _resize;
    private (int Rows, int Cols) _size;

    /// <summary>Fills the prediction.</summary>
    /// <param name="heat">rows x cols raw scores.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="cols">Columns.</param>
    /// <param name="prediction">side x side.</param>
    /// <returns>Whether the scores were finite; if not, the prediction is all 0.</returns>
    public bool Fill(ReadOnlySpan<float> heat, int rows, int cols, Span<float> prediction)
    {
        Upsample(heat, rows, cols, prediction);
        return Stretch(prediction);
    }

    /// <summary>Brings a map to the grid, raw.</summary>
    public void Upsample(ReadOnlySpan<float> heat, int rows, int cols, Span<float> map)
    {
        if (_resize is null || _size != (rows, cols))
        {
            (_size, _resize) = ((rows, cols), new SeparableResize(rows, cols, side, side, upsampling.Kind));
        }

        // A constant stays one: rounding between equal cells is no map, and a stretch would make one of it.
        if (heat.IndexOfAnyExcept(heat[0]) < 0)
        {
            map.Fill(heat[0]);
        }
        else
        {
            _resize.Apply(heat, map);
        }
    }

    /// <summary>Stretches to 0..1 in place. False, and all 0, if a value is not finite.</summary>
    public static bool Stretch(Span<float> map)
    {
        var (low, high) = (TensorPrimitives.Min<float>(map), TensorPrimitives.Max<float>(map));
        if (!float.IsFinite(low) || !float.IsFinite(high))
        {
            map.Clear();
            return false;
        }

        if (high > low)
        {
            // One pass over the map; the same operations on the same floats as three of them.
            var vectors = MemoryMarshal.Cast<float, Vector<float>>(map);
            var (top, range) = (new Vector<float>(high), new Vector<float>(high - low));
            foreach (ref var v in vectors)
            {
                v = Vector<float>.One - (top - v) / range;
            }

            foreach (ref var v in map[(vectors.Length * Vector<float>.Count)..])
            {
                v = 1f - (high - v) / (high - low);
            }
        }
        else
        {
            TensorPrimitives.Add(map, 1f, map);
        }

        return true;
    }

    /// <summary>
    /// The object-guided fusion of the published tables: minmax(w AV + (1 - w) OBJ), both stretched before (EZ-VSL; w = 0.4).
    /// </summary>
    public static void Fuse(ReadOnlySpan<float> heard, ReadOnlySpan<float> objects, float weight, Span<float> fused)
    {
        TensorPrimitives.Multiply(objects, 1 - weight, fused);
        TensorPrimitives.MultiplyAdd(heard, weight, fused, fused);
        Stretch(fused);
    }
}
