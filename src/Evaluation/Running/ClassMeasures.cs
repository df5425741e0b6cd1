using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// DSOL's (NeurIPS 2020) measures of maps per class: each sounding class against its own boxes, averaged over a sample's classes, and how dark the maps of the
/// classes stay that do not sound. Maps are taken as they are, 0..1: a stretch would light what is silent.
/// </summary>
internal static class ClassMeasures
{
    private const int Pixels = Conventions.Side * Conventions.Side;

    /// <summary>Of the samples that have maps per class; null if none has.</summary>
    public static ClassAwareScores? Of(
        IReadOnlyList<(BenchmarkSample Sample, SampleMaps Maps)> samples, Benchmark benchmark, Conventions conventions, HeatmapUpsampling upsampling, TruthReader truths,
        CancellationToken stop)
    {
        var (enlarge, map, truth) = (new PredictionMap(upsampling), new float[Pixels], new float[Pixels]);
        var (ious, dark, part) = (new List<double>(), new List<double>(), benchmark.PartOfMaximum ?? 0.5);
        foreach (var (sample, maps) in samples.Where(s => s.Sample.Sounds && s.Maps.ByClass.Count > 0))
        {
            stop.ThrowIfCancellationRequested();
            var sounding = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var label in Classes(sample))
            {
                if (Fill(sample, label))
                {
                    sounding[FileName(label)] = IoU(sample, maps, label);
                }
            }

            if (sounding.Count == 0)
            {
                benchmark.Problems.Add("no_box_of_a_known_class", sample.Name);
                continue;
            }

            ious.Add(ClassAware.CIoU(sounding.Values));
            var silent = maps.ByClass.Where(m => !sounding.ContainsKey(m.Key)).Select(m => Large(maps, m.Value).ToArray()).ToArray();
            if (silent.Length > 0)
            {
                dark.Add(ClassAware.Nsa(silent));
            }
        }

        return ious.Count == 0
            ? null
            : new ClassAwareScores(ious.Count, SuccessCurve.Share(ious, 0.3), SuccessCurve.Of(ious).Auc, ious.Average(), dark.DefaultIfEmpty(double.NaN).Average(), part);

        double IoU(BenchmarkSample sample, SampleMaps maps, string label)
        {
            if (!maps.ByClass.TryGetValue(FileName(label), out var scores))
            {
                benchmark.Problems.Add("map_of_a_sounding_class_missing_counts_0", $"{sample.Name} ({label})");
                return 0;
            }

            return ClassAware.IoU(Large(maps, scores), truth, part, conventions.Comparison == Comparison.AtLeast);
        }

        float[] Large(SampleMaps maps, float[] scores)
        {
            enlarge.Upsample(scores, maps.Rows, maps.Cols, map);
            return map;
        }

        // False: nothing of the grid belongs to the class.
        bool Fill(BenchmarkSample sample, string label)
        {
            if (sample.Truth.Mask is not null)
            {
                if (truths.Read(sample, stop) is not { } mask)
                {
                    return false;
                }

                mask.CopyTo(truth.AsSpan());
            }
            else
            {
                TruthMap.Fill([.. sample.Truth.Boxes.Where(b => (b.Class ?? sample.Class) == label)], sample.Truth.Unit, sample.Truth.Consensus, truth);
            }

            return truth.AsSpan().ContainsAnyExcept(0f);
        }
    }

    /// <summary>A class as the names of files have it.</summary>
    public static string FileName(string label) => label.Replace('/', '_');

    private static IEnumerable<string> Classes(BenchmarkSample sample) => sample.Truth.Mask is not null
        ? new[] { sample.Class }.OfType<string>()
        : sample.Truth.Boxes.Select(b => b.Class ?? sample.Class).OfType<string>().Distinct(StringComparer.Ordinal);
}
