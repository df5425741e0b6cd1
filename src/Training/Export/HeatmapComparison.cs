using System.Numerics.Tensors;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Export;

/// <summary>How near one package's heatmaps are to another's.</summary>
/// <param name="MinCosine">Least cosine of two maps.</param>
/// <param name="MeanCosine">Mean cosine of two maps.</param>
/// <param name="MeanCorrelation">
/// Mean cosine of the maps less their means. Maps whose scores are all positive have a high cosine whatever they show; this one tells places apart.
/// </param>
/// <param name="SamePeak">Share of the maps whose best cell is the same or next to it.</param>
/// <param name="Maps">How many were compared.</param>
public sealed record HeatmapAgreement(double MinCosine, double MeanCosine, double MeanCorrelation, double SamePeak, int Maps)
{
    /// <summary>What presence is judged by (<see cref="LocalizerOutput.Evidence"/>), for each sample: of the one package, of the other.</summary>
    public IReadOnlyList<(double Expected, double Actual)> Evidence { get; init; } = [];
}

/// <summary>Runs networks over samples up to the raw scores of the heatmap, as the live localizers do, and compares.</summary>
public static class HeatmapComparison
{
    /// <summary>Compares.</summary>
    /// <param name="manifest">Head and front ends of both.</param>
    /// <param name="expected">Networks by file name.</param>
    /// <param name="actual">The others, by the same names.</param>
    /// <param name="samples">What they see and hear; at least one.</param>
    /// <param name="stop">Gives up.</param>
    public static HeatmapAgreement Compare(
        ModelManifest manifest, IReadOnlyDictionary<string, byte[]> expected, IReadOnlyDictionary<string, byte[]> actual, IReadOnlyList<CalibrationSample> samples,
        CancellationToken stop = default)
    {
        using var first = new Scores(manifest, expected);
        using var second = new Scores(manifest, actual);
        var (cosines, correlations, evidence, peaks) = (new List<double>(), new List<double>(), new List<(double, double)>(), 0);
        foreach (var sample in samples)
        {
            stop.ThrowIfCancellationRequested();
            float[] one = first.Of(sample), other = second.Of(sample);
            cosines.Add(Cosine(one, other));
            evidence.Add((first.Evidence(one), second.Evidence(other)));
            correlations.Add(Cosine(Centred(one), Centred(other)));
            var (a, b) = (TensorPrimitives.IndexOfMax<float>(one), TensorPrimitives.IndexOfMax<float>(other));
            peaks += Math.Abs(a / first.Cols - b / first.Cols) <= 1 && Math.Abs(a % first.Cols - b % first.Cols) <= 1 ? 1 : 0;
        }

        return new HeatmapAgreement(cosines.Min(), cosines.Average(), correlations.Average(), (double)peaks / samples.Count, samples.Count) { Evidence = evidence };
    }

    /// <summary>Cosine of two vectors; 1 if both are zero, 0 if one is or if there is anything that is no number.</summary>
    internal static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            (ab, aa, bb) = (ab + (double)a[i] * b[i], aa + (double)a[i] * a[i], bb + (double)b[i] * b[i]);
        }

        var cosine = aa == 0 && bb == 0 ? 1 : ab / Math.Sqrt(aa * bb);
        return double.IsFinite(cosine) ? cosine : 0;
    }

    private static float[] Centred(float[] map)
    {
        var mean = map.Average();
        return [.. map.Select(v => v - mean)];
    }

    /// <summary>One package's networks and head.</summary>
    private sealed class Scores : IDisposable
    {
        private readonly Dictionary<string, OnnxTrunk> _trunks = [];
        private readonly ModelManifest _manifest;
        private readonly IHead? _head;
        private readonly float[] _map;

        public Scores(ModelManifest manifest, IReadOnlyDictionary<string, byte[]> networks)
        {
            _manifest = manifest;
            foreach (var (file, model) in networks)
            {
                _trunks[file] = new OnnxTrunk(file, model, TrunkInputs.Cpu, 0, [.. TrunkInputs.Of(manifest, file)]);
            }

            if (manifest.Trunks.Joint is { } joint)
            {
                var shape = _trunks[joint].OutputShapes[0];
                (_map, Cols) = (new float[shape.Aggregate(1L, (n, d) => n * d)], (int)shape[^1]);
                return;
            }

            var (image, audio) = (_trunks[manifest.Trunks.Image!].OutputShapes[0], _trunks[manifest.Trunks.Audio!].OutputShapes[0]);
            _head = manifest.Head.Id == HeadKind.SoftAttention
                ? new SoftAttentionHead(image, audio, manifest.Head)
                : new CosineHead(image, audio, manifest.Head);
            (_map, Cols) = (new float[_head.Rows * _head.Cols], _head.Cols);
        }

        public int Cols { get; }

        public float[] Of(CalibrationSample sample)
        {
            if (_head is null)
            {
                Run(_manifest.Trunks.Joint!, sample.Picture, sample.Sound).CopyTo(_map);
            }
            else
            {
                _head.SetAudio(Run(_manifest.Trunks.Audio!, sample.Sound));
                _head.Map(Run(_manifest.Trunks.Image!, sample.Picture), _map);
            }

            return [.. _map];
        }

        /// <summary>Of the sample that gave this map, the last one.</summary>
        public double Evidence(float[] map) => _head?.Evidence ?? TensorPrimitives.Max<float>(map);

        public void Dispose()
        {
            foreach (var trunk in _trunks.Values)
            {
                trunk.Dispose();
            }
        }

        private ReadOnlySpan<float> Run(string file, params ReadOnlySpan<float[]> inputs)
        {
            var trunk = _trunks[file];
            for (var i = 0; i < inputs.Length; i++)
            {
                inputs[i].CopyTo(trunk.Input(i));
            }

            trunk.Run();
            return trunk.Output();
        }
    }
}
