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

        var thresholds = Negatives.Thresholds(negatives).Select(t => new Tally(t.Name, t.Value, kinds.Select(k => k.Name))).ToArray();
        var (own, other, enlarge) = (new float[Pixels], new float[Pixels], new PredictionMap(upsampling));
        foreach (var (sample, maps) in sounding)
        {
            stop.ThrowIfCancellationRequested();
            enlarge.Upsample(maps.Own.Scores, maps.Rows, maps.Cols, own);
            var truth = truths.Read(sample, stop);
            Array.ForEach(thresholds, t => t.AddOwn(own, truth));
            foreach (var (kind, map) in kinds)
            {
                if (map(maps) is { } heard)
                {
                    enlarge.Upsample(heard.Scores, maps.Rows, maps.Cols, other);
                    Array.ForEach(thresholds, t => t.AddNegative(kind, own, other));
                }
            }
        }

        var pairs = sounding.Where(s => s.Maps.Other is not null).Select(s => s.Maps.Own.Evidence.CompareTo(s.Maps.Other!.Evidence)).ToArray();
        return new NegativeScores(magnitudes, [.. thresholds.Select(t => t.Sum())], pairs.Length == 0 ? double.NaN : pairs.Average(c => c > 0 ? 1 : c == 0 ? 0.5 : 0));
    }

    /// <summary>The sums of one threshold.</summary>
    private sealed class Tally(string name, double threshold, IEnumerable<string> kinds)
    {
        private readonly ConsensusIoU _cut = new(Conventions.Standard);
        private readonly List<double> _ious = [];
        private readonly Dictionary<string, (List<double> Lit, List<double> Alike)> _kinds = kinds.ToDictionary(k => k, _ => (new List<double>(), new List<double>()));

        public void AddOwn(float[] own, float[]? truth)
        {
            if (truth is not null && _cut.Cut(own, truth, (float)threshold) is { Union: > 0 } overlap)
            {
                _ious.Add(overlap.IoU);
            }
        }

        public void AddNegative(string kind, float[] own, float[] negative)
        {
            _kinds[kind].Lit.Add(Negatives.Share(negative, threshold));
            _kinds[kind].Alike.Add(Negatives.Agreement(own, negative, threshold));
        }

        public UniversalScore Sum()
        {
            var mean = _ious.DefaultIfEmpty(double.NaN).Average();
            var there = _kinds.Where(k => k.Value.Lit.Count > 0).ToArray();
            return new UniversalScore(
                name, threshold, mean, Each(k => k.Lit.Average()), Each(k => Negatives.ShareAuc(k.Lit)), Each(k => k.Alike.Average()),
                Each(k => Negatives.Balance(mean, 1 - k.Lit.Average())));

            Dictionary<string, double> Each(Func<(List<double> Lit, List<double> Alike), double> of) => there.ToDictionary(k => k.Key, k => of(k.Value));
        }
    }
}
