using System.Numerics.Tensors;
using RealtimeSsl.Inference.Models;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// Mixes what a method hears with where an ImageNet classifier sees objects (object-guided localization, EZ-VSL, ECCV 2022):
/// minmax(w minmax(heard) + (1 - w) minmax(objects)), or, as SLAVC has it, w (cosine + 1) / 2 + (1 - w) objects / 2.5 on fixed scales.
/// </summary>
/// <param name="guidance">Weight and scales.</param>
/// <param name="temperature">What the heard scores are a cosine divided by; read only without min-max.</param>
public sealed class ObjectFusion(ObjectGuidance guidance, float temperature = 1)
{
    /// <summary>A mean over the channels that SLAVC reads as "certainly an object".</summary>
    private const float ObjectScale = 2.5f;

    /// <summary>Half of the map's contrast: stretched scores have lost the scale that a package's own limit is on.</summary>
    private const float HalfContrast = 0.5f;

    /// <summary>Mixes, over one grid.</summary>
    /// <param name="heard">The method's raw scores; becomes the mix, 0..1.</param>
    /// <param name="objects">Raw means over the channels; overwritten.</param>
    public void Mix(Span<float> heard, Span<float> objects)
    {
        if (guidance.MinMax)
        {
            Stretch(heard);
            Stretch(objects);
        }
        else
        {
            TensorPrimitives.Multiply(heard, temperature / 2, heard);
            TensorPrimitives.Add(heard, 0.5f, heard);
            TensorPrimitives.Divide(objects, ObjectScale, objects);
        }

        TensorPrimitives.Multiply(heard, guidance.Weight, heard);
        TensorPrimitives.MultiplyAdd(objects, 1 - guidance.Weight, heard, heard);
        if (guidance.MinMax)
        {
            Stretch(heard);
        }
    }

    /// <summary>The limit from which on a cell of the mix belongs to a source: on fixed scales, the same mix of both limits.</summary>
    /// <param name="heard">Raw score at the method's limit.</param>
    /// <param name="objects">Raw mean at the object map's limit.</param>
    public float Threshold(float heard, float objects) => guidance.MinMax
        ? HalfContrast
        : guidance.Weight * (heard * temperature + 1) / 2 + (1 - guidance.Weight) * objects / ObjectScale;

    /// <summary>To 0..1 by its own extremes. An even map points nowhere, and becomes 0.</summary>
    private static void Stretch(Span<float> map)
    {
        var (low, high) = (TensorPrimitives.Min<float>(map), TensorPrimitives.Max<float>(map));
        if (high > low)
        {
            TensorPrimitives.Subtract(map, low, map);
            TensorPrimitives.Divide(map, high - low, map);
        }
        else
        {
            map.Clear();
        }
    }
}
