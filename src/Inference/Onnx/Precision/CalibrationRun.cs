using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Onnx.Precision;

/// <summary>
/// Runs a float32 network on real inputs and watches every value inside it: twice over all samples, first for the extremes, then for how the numbers
/// lie between them. The same samples give the same ranges.
/// </summary>
public static class CalibrationRun
{
    /// <summary>Watches.</summary>
    /// <param name="file">Name of the network, for errors.</param>
    /// <param name="model">Its content.</param>
    /// <param name="shapes">Shapes of its inputs.</param>
    /// <param name="samples">Inputs, each of them in the order of the network's.</param>
    /// <param name="progress">Told of each sample done, of 2 x samples.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>What was seen, by the value's name.</returns>
    /// <exception cref="InferenceException">It does not run, or gives no numbers.</exception>
    public static IReadOnlyDictionary<string, ValueRange> Watch(
        string file, byte[] model, IReadOnlyList<TrunkInput> shapes, IReadOnlyList<float[][]> samples, Action<int>? progress = null, CancellationToken stop = default)
    {
        var graph = ModelGraph.Parse(file, model);
        string[] watched = [.. Values(graph)];
        string[] added = [.. watched.Except(graph.Outputs)];
        string[] outputs = [.. graph.Outputs, .. added];
        var ranges = watched.Concat(graph.Inputs).ToDictionary(v => v, _ => new ValueRange());
        using var trunk = new OnnxTrunk(file, graph.WithOutputs(added), new DeviceChoice(Providers.Cpu, Providers.Cpu, null), 0, [.. shapes]);
        string[] inputs = [.. graph.Inputs];
        var done = 0;
        EachSample((range, values) => range.Widen(values));
        EachSample((range, values) => range.Count(values));
        return ranges;

        void EachSample(Action<ValueRange, ReadOnlySpan<float>> look)
        {
            foreach (var sample in samples)
            {
                stop.ThrowIfCancellationRequested();
                for (var i = 0; i < inputs.Length; i++)
                {
                    sample[i].CopyTo(trunk.Input(i));
                    look(ranges[inputs[i]], sample[i]);
                }

                trunk.Run();
                for (var i = 0; i < outputs.Length; i++)
                {
                    if (ranges.TryGetValue(outputs[i], out var range))
                    {
                        look(range, trunk.Output(i));
                    }
                }

                progress?.Invoke(++done);
            }
        }
    }

    /// <summary>What the operators make that can be quantized: all of them floats.</summary>
    private static IEnumerable<string> Values(ModelGraph graph) =>
        graph.Nodes.Where(n => ModelGraph.Is(n, [.. Quantizer.Operators])).Select(n => n.Output[0]);
}
