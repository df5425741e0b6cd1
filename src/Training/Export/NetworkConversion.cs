using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.Onnx.Precision;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Export;

/// <summary>
/// One network to another precision. To int8: calibrated once, then written by each way of choosing ranges, and judged by how near its output stays to that of
/// float32 on samples; if the best is not near enough, with more and more layers left in float32.
/// </summary>
internal static class NetworkConversion
{
    /// <summary>Cosine of the outputs from which on nothing is left in float32.</summary>
    private const double Near = 0.999;

    /// <summary>A slower way must leave no more than this part of the error (1 - cosine), or it is not worth it.</summary>
    private const double Worthwhile = 0.7;

    /// <summary>So many samples judge a way of writing.</summary>
    private const int Judges = 8;

    /// <summary>From the fastest to the most careful.</summary>
    private static readonly KeptLayers[] Careful =
    [
        KeptLayers.Last, KeptLayers.Depthwise, KeptLayers.Depthwise | KeptLayers.Last, KeptLayers.First | KeptLayers.Last,
        KeptLayers.First | KeptLayers.Last | KeptLayers.Depthwise,
    ];

    /// <summary>Converts.</summary>
    /// <param name="file">Name of the network.</param>
    /// <param name="model">Its content, float32.</param>
    /// <param name="precision">Half or int8.</param>
    /// <param name="inputs">Shapes of its inputs.</param>
    /// <param name="samples">What it is calibrated with.</param>
    /// <param name="progress">Told how much is done, 0..1.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>The network, and how it was written, for people.</returns>
    /// <exception cref="InferenceException">It cannot be converted.</exception>
    public static (byte[] Model, string How) Convert(
        string file, byte[] model, ModelPrecision precision, IReadOnlyList<TrunkInput> inputs, IReadOnlyList<float[][]> samples, Action<double> progress,
        CancellationToken stop)
    {
        var simple = Simplifier.Simplify(file, model);
        var seen = CalibrationRun.Watch(file, simple, inputs, samples, done => progress(done / (2.2 * samples.Count)), stop);
        if (precision == ModelPrecision.Fp16)
        {
            return (HalfPrecision.Convert(file, simple, seen), "half precision");
        }

        IReadOnlyList<float[][]> judges = [.. samples.Where((_, i) => i % Math.Max(1, samples.Count / Judges) == 0).Take(Judges)];
        var expected = Outputs(model);
        var best = Enum.GetValues<RangeRule>().Select(rule => Write(rule, KeptLayers.None)).MaxBy(w => w.Cosine);
        foreach (var keep in Careful.TakeWhile(_ => best.Cosine < Near))
        {
            var careful = Write(best.Rule, keep);
            best = 1 - careful.Cosine <= Worthwhile * (1 - best.Cosine) ? careful : best;
        }

        progress(1);
        var kept = best.Keep == KeptLayers.None ? "all layers" : $"layers kept in float32: {best.Keep.ToString().ToLowerInvariant()}";
        return (best.Model, FormattableString.Invariant($"int8, ranges by {Name(best.Rule)}, {kept}; cosine of its output to float32's {best.Cosine:0.00000}"));

        (byte[] Model, RangeRule Rule, KeptLayers Keep, double Cosine) Write(RangeRule rule, KeptLayers keep)
        {
            stop.ThrowIfCancellationRequested();
            byte[] written;
            try
            {
                written = Quantizer.Quantize(file, simple, seen, rule, keep);
            }
            catch (InferenceException) when (keep != KeptLayers.None)
            {
                // Nothing is left to quantize: no way for this network.
                return (model, rule, keep, 0);
            }

            return (written, rule, keep, Outputs(written).Zip(expected, (a, e) => HeatmapComparison.Cosine(a, e)).Average());
        }

        float[][] Outputs(byte[] network)
        {
            using var trunk = new OnnxTrunk(file, network, TrunkInputs.Cpu, 0, [.. inputs]);
            return [.. judges.Select(sample =>
            {
                for (var i = 0; i < sample.Length; i++)
                {
                    sample[i].CopyTo(trunk.Input(i));
                }

                trunk.Run();
                return trunk.Output().ToArray();
            })];
        }
    }

    private static string Name(RangeRule rule) => rule switch
    {
        RangeRule.MinMax => "extremes", RangeRule.Percentile => "percentile 99.999", _ => "least squared error",
    };
}
