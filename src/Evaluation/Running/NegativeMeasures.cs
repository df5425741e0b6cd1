using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>What lights under another clip's sound, silence and noise, on raw maps and thresholds common to all samples (vssl_eval).</summary>
internal static class NegativeMeasures
{
    private const int Pixels = Conventions.Side * Conventions.Side;

    public static NegativeScores? Of(
        IReadOnlyList<(BenchmarkSample Sample, SampleMaps Maps)> samples, HeatmapUpsampling upsampling, TruthReader truths, CancellationToken stop)
    {
        var sounding = samples.Where(s => s.Sample.Sounds && s.Maps.Own.Scores.All(float.IsFinite)).ToArray();
        var kinds = new (string Name, Func<SampleMaps, HeardMap?> Map)[] { ("other", m => m.Other), ("silence", m => m.Silence), ("noise", m => m.Noise) };
        var negatives = kinds.SelectMany(k => sounding.Select(s => k.Map(s.Maps)?.Scores)).OfType<float[]>().Where(m => m.All(float.IsFinite)).ToArray();
        if (negatives.Length == 0)
        {
            return null;
        }

        var magnitudes = new Dictionary<string, Magnitudes> { ["own"] = Magnitudes.Of([.. sounding.Select(s => s.Maps.Own.Scores)]) };
        foreach (var (name, map) in kinds)
        {
            if (sounding.Select(s => map(s.Maps)?.Scores).OfType<float[]>().ToArray() is { Length: > 0 } maps)
            {
                magnitudes[name] = Magnitudes.Of(maps);
            }
        }

        var thresholds = Negatives.Thresholds(negatives).Select(t => At(t.Name, t.Value, sounding, kinds, upsampling, truths, stop)).ToArray();
        var pairs = sounding.Where(s => s.Maps.Other is not null).Select(s => s.Maps.Own.Evidence.CompareTo(s.Maps.Other!.Evidence)).ToArray();
        return new NegativeScores(magnitudes, thresholds, pairs.Length == 0 ? double.NaN : pairs.Average(c => c > 0 ? 1 : c == 0 ? 0.5 : 0));
    }

    private static UniversalScore At(
        string name, double threshold, (BenchmarkSample Sample, SampleMaps Maps)[] samples, (string Name, Func<SampleMaps, HeardMap?> Map)[] kinds,
        HeatmapUpsampling upsampling, TruthReader truths, CancellationToken stop)
    {
        var (own, negative, enlarge) = (new float[Pixels], new float[Pixels], new PredictionMap(upsampling));
        var cut = new ConsensusIoU(Conventions.Standard);
        var ious = new List<double>();
        var (lit, alike) = (kinds.ToDictionary(k => k.Name, _ => new List<double>()), kinds.ToDictionary(k => k.Name, _ => new List<double>()));
        foreach (var (sample, maps) in samples)
        {
            stop.ThrowIfCancellationRequested();
            enlarge.Upsample(maps.Own.Scores, maps.Rows, maps.Cols, own);
            if (truths.Read(sample, stop) is { } truth && truth.Any(v => v > 0))
            {
                ious.Add(cut.Cut(own, truth, (float)threshold).IoU);
            }

            foreach (var (kind, map) in kinds)
            {
                if (map(maps) is { } heard)
                {
                    enlarge.Upsample(heard.Scores, maps.Rows, maps.Cols, negative);
                    lit[kind].Add(Negatives.Share(negative, threshold));
                    alike[kind].Add(Negatives.Agreement(own, negative, threshold));
                }
            }
        }

        var mean = ious.DefaultIfEmpty(double.NaN).Average();
        return new UniversalScore(
            name, threshold, mean, Each(lit, v => v.Average()), Each(lit, Negatives.ShareAuc), Each(alike, v => v.Average()),
            Each(lit, v => Negatives.Balance(mean, 1 - v.Average())));

        static Dictionary<string, double> Each(Dictionary<string, List<double>> values, Func<List<double>, double> of) =>
            values.Where(v => v.Value.Count > 0).ToDictionary(v => v.Key, v => of(v.Value));
    }
}
