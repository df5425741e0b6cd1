using System.Text.Json;
using RealtimeSsl.Inference.Onnx.Writer;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// Weights without a checkpoint: a counter hash instead of a random generator, as Golden/forward.json documents it. The networks' golden
/// outputs were made with these by the methods' own code.
/// </summary>
public static class FormulaWeights
{
    /// <summary>All float tensors of a network of forward.json, in the order (and so with the seeds) of its state_dict.</summary>
    /// <param name="stateDict">The list of [name, shape].</param>
    /// <param name="wanted">Which ones to compute.</param>
    public static Dictionary<string, WeightTensor> Of(JsonElement stateDict, Func<string, bool> wanted)
    {
        var weights = new Dictionary<string, WeightTensor>();
        uint seed = 10000;
        foreach (var entry in stateDict.EnumerateArray())
        {
            var name = entry[0].GetString()!;
            var shape = entry[1].EnumerateArray().Select(d => d.GetInt32()).ToArray();
            if (shape.Length > 0 && wanted(name))
            {
                weights[name] = Tensor(seed, name, shape);
            }

            seed++;
        }

        return weights;
    }

    /// <summary>One tensor; the name decides its range.</summary>
    public static WeightTensor Tensor(uint seed, string name, params int[] shape)
    {
        var bound = Math.Sqrt(6.0 / shape.Skip(1).Aggregate(1, (n, d) => n * d));
        var (low, high) = name switch
        {
            _ when name.EndsWith("running_var", StringComparison.Ordinal) => (0.5, 1.5),
            _ when name.EndsWith("running_mean", StringComparison.Ordinal) || name.EndsWith("bias", StringComparison.Ordinal) => (-0.1, 0.1),
            _ when shape.Length == 1 => (0.8, 1.2),
            _ => (-bound, bound),
        };
        var values = new float[shape.Aggregate(1, (n, d) => n * d)];
        for (uint i = 0; i < values.Length; i++)
        {
            values[i] = (float)Golden.Uniform(seed, i, low, high);
        }

        return new WeightTensor(shape, values);
    }
}
