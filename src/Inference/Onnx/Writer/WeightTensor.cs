namespace RealtimeSsl.Inference.Onnx.Writer;

/// <summary>A named array of a network, as checkpoints and trainers hand it over.</summary>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Values">Row-major values, as many as the product of <paramref name="Shape"/>.</param>
public sealed record WeightTensor(int[] Shape, float[] Values)
{
    /// <summary>The tensor of that name with the expected shape.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="name">Full name, e.g. <c>imgnet.layer1.0.conv1.weight</c>.</param>
    /// <param name="shape">Expected sizes; -1 leaves one open.</param>
    /// <exception cref="InferenceException">It is absent or has another shape.</exception>
    public static WeightTensor Get(IReadOnlyDictionary<string, WeightTensor> weights, string name, params int[] shape)
    {
        if (!weights.TryGetValue(name, out var tensor))
        {
            throw new InferenceException(
                $"weights: '{name}' is missing among {weights.Count} tensors: is this the checkpoint of another method?");
        }

        var fits = tensor.Shape.Length == shape.Length && shape.Zip(tensor.Shape).All(s => s.First < 0 || s.First == s.Second);
        if (!fits || tensor.Values.Length != tensor.Shape.Aggregate(1, (n, d) => n * d))
        {
            throw new InferenceException(
                $"weights: '{name}' is [{string.Join(",", tensor.Shape)}] with {tensor.Values.Length} values, "
                + $"expected [{string.Join(",", shape)}]");
        }

        return tensor;
    }
}
