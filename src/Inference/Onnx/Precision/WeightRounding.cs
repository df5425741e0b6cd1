using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Inference.Onnx.Precision;

/// <summary>Weights to int8: symmetric, one scale per output channel.</summary>
internal static class WeightRounding
{
    /// <summary>Largest int8 that has an opposite.</summary>
    private const float Top = 127;

    /// <summary>A channel of zeros still needs a scale above 0.</summary>
    private const float Smallest = 1e-20f;

    /// <summary>Rounds.</summary>
    /// <param name="weight">The weights.</param>
    /// <param name="axis">Axis of the output channels.</param>
    /// <param name="input">Scale of the layer's input: together with it, the bias must fit into 32 bits.</param>
    /// <param name="bias">One per channel, or null.</param>
    public static (sbyte[] Values, float[] Scales) PerChannel(WeightTensor weight, int axis, float input, float[]? bias)
    {
        var channels = weight.Shape[axis];
        var inner = weight.Shape.Skip(axis + 1).Aggregate(1, (n, d) => n * d);
        var scales = new float[channels];
        for (var i = 0; i < weight.Values.Length; i++)
        {
            ref var scale = ref scales[i / inner % channels];
            scale = Math.Max(scale, Math.Abs(weight.Values[i]) / Top);
        }

        for (var c = 0; c < channels; c++)
        {
            var least = bias is { } b && b.Length == channels ? Math.Abs(b[c]) / (input * (1 << 30)) : 0;
            scales[c] = Math.Max(scales[c], Math.Max(least, Smallest));
        }

        var values = new sbyte[weight.Values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (sbyte)Math.Clamp(MathF.Round(weight.Values[i] / scales[i / inner % channels]), -Top, Top);
        }

        return (values, scales);
    }
}
