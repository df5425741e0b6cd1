using System.Numerics.Tensors;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>From maps to numbers: the method and its baselines over the same samples, under one set of conventions.</summary>
/// <param name="benchmark">The set.</param>
/// <param name="conventions">How to count.</param>
/// <param name="media">For masks.</param>
public sealed class Evaluator(Benchmark benchmark, Conventions conventions, ISampleMedia media)
{
    private const int Pixels = Conventions.Side * Conventions.Side;

    /// <summary>Share of the method's own map in the object-guided row (EZ-VSL, and SSLalign's evaluation of all methods).</summary>
    public float GuideWeight { get; init; } = 0.4f;

    /// <summary>Whether a row of the object-guided method is wanted: the saliency is a map of objects.</summary>
    public bool Guided { get; init; }

    /// <summary>Computes the report.</summary>
    /// <param name="samples">Those with media.</param>
    /// <param name="maps">Maps by sample.</param>
    /// <param name="maker">The method.</param>
    /// <param name="seed">Of the maps.</param>
    /// <param name="stop">Ends it.</param>
    public EvaluationReport Evaluate(
        IReadOnlyList<Located> samples, IReadOnlyDictionary<int, SampleMaps> maps, IMapMaker maker, int seed, CancellationToken stop)
    {
        var upsampling = benchmark.Id == VggSs.Id && conventions.VggSsUpsampling is { } special ? special : conventions.Upsampling;
        var rows = new Rows(new PredictionMap(upsampling), new PredictionMap(upsampling), new ConsensusIoU(conventions), new RankSelector(Pixels));
        var (model, guided) = (Tally(maker.Info.Name), Tally($"{maker.Info.Name} + OGL"));
        var (centre, whole, salient) = (Tally("frame centre"), Tally("whole image"), Tally($"image only: {maker.SaliencyName}"));
        var (other, silence) = (Tally("another clip's sound"), Tally("silence"));
        var truths = new TruthReader(media, benchmark.Problems);
        var lines = new List<SampleLine>();
        var extended = benchmark.Samples.Any(s => !s.Sounds);
        foreach (var located in samples.Where(s => maps.ContainsKey(s.Index)))
        {
            stop.ThrowIfCancellationRequested();
            var (sample, map) = (located.Sample, maps[located.Index]);
            if (truths.Read(sample, stop) is not { } truth)
            {
                continue;
            }

            var (sum, area) = (TensorPrimitives.Sum<float>(truth), truth.Length - truth.AsSpan().Count(0f));
            var group = conventions.Grouping == Grouping.FileName ? Conventions.GroupOf(sample.Name) : sample.Scene;
            if (sample.Sounds && area == 0 && conventions.EmptyTruth == EmptyTruth.LeaveOut)
            {
                benchmark.Problems.Add("without_ground_truth_left_out", sample.Name);
                continue;
            }

            var own = rows.Score(map.Own.Scores, map.Rows, map.Cols, truth, out var finite);
            if (!finite)
            {
                benchmark.Problems.Add("map_not_finite_counts_as_failure", sample.Name);
            }
            else if (map.Own.Scores.AsSpan().IndexOfAnyExcept(map.Own.Scores[0]) < 0)
            {
                benchmark.Problems.Add("map_without_any_difference", sample.Name);
            }
            else if (rows.Empty && area > 0)
            {
                // A map of few levels, such as a mask: the peers' strict comparison leaves the whole tied level out.
                benchmark.Problems.Add("ties_leave_no_adaptive_prediction_see_comparison_AtLeast", sample.Name);
            }

            if (extended)
            {
                model.AddConfidence(rows.Confidence(map.Own.Scores, map.Rows, map.Cols, maker.Temperature), own.Fixed, sample.Sounds);
            }

            if (!sample.Sounds)
            {
                lines.Add(new SampleLine(sample.Name, group, sample.Class, false, "", double.NaN, double.NaN, double.NaN, double.NaN));
                continue;
            }

            Add(model, own, truth, map.Own.Scores);
            var seen = rows.Score(map.Salient, map.SalientRows, map.SalientCols, truth, out _);
            Add(salient, seen, truth, map.Salient);
            if (Guided)
            {
                Add(guided, rows.Fused(map, GuideWeight, truth), truth, map.Own.Scores);
            }

            Add(centre, rows.Centre(truth), truth, map.Own.Scores);
            var all = sum / (sum + truth.Length - area);
            whole.Add(sample.Name, group, area, all, all);
            var strange = Heard(other, map.Other);
            Heard(silence, map.Silence);
            lines.Add(new SampleLine(sample.Name, group, sample.Class, true, SizeSubset.Of(area), own.Fixed, own.Adaptive, seen.Adaptive, strange?.Adaptive ?? double.NaN));

            (double Fixed, double Adaptive)? Heard(SystemTally tally, HeardMap? heard)
            {
                if (heard is null)
                {
                    return null;
                }

                var score = rows.Score(heard.Scores, map.Rows, map.Cols, truth, out _);
                Add(tally, score, truth, heard.Scores);
                return score;
            }

            void Add(SystemTally tally, (double Fixed, double Adaptive) score, float[] gt, float[] raw)
            {
                tally.Add(sample.Name, group, area, score.Fixed, score.Adaptive);
                if (sample.Truth.Mask is not null)
                {
                    tally.AddMask(rows.Last, gt, conventions.Threshold == Threshold.Half ? 0.5f : rows.Median());
                }

                if (benchmark.PartOfMaximum is not null)
                {
                    tally.AddPart(rows.Last, gt);
                }
            }
        }

        if (lines.Count == 0)
        {
            throw new EvaluationException($"{benchmark.Source}: nothing could be evaluated ({string.Join("; ", benchmark.Problems.Lines())})");
        }

        var tallies = new[] { model, guided, centre, whole, salient, other, silence }.Where(t => t.Adaptive.Any() || t == model).ToArray();
        var used = samples.Where(s => maps.ContainsKey(s.Index)).Select(s => (s.Sample, maps[s.Index])).ToArray();
        var vectors = CrossModal.Of(used);
        return new EvaluationReport
        {
            Model = maker.Info.Name, Sha256 = maker.Info.Sha256, Benchmark = benchmark.Id, Source = benchmark.Source,
            Annotated = benchmark.Samples.Count, Evaluated = lines.Count, Problems = benchmark.Problems.Names, Conventions = conventions,
            Upsampling = upsampling.Id, Seed = seed, Systems = [.. tallies.Select(t => t.Sum())],
            Verdicts = Verdicts.Of(model, [salient, centre, whole], other.Adaptive.Any() ? other : null),
            Negatives = NegativeMeasures.Of(used, upsampling, truths, stop), Samples = lines,
            Retrieval = vectors.Backbone, RetrievalProjected = vectors.Projected, Gap = vectors.Gap,
            ClassAware = ClassMeasures.Of(used, benchmark, conventions, upsampling, truths, stop),
        };

        SystemTally Tally(string name) => new(name, benchmark, conventions);
    }

    /// <summary>Buffers of a row of numbers: from a coarse map to both IoU.</summary>
    private sealed class Rows(PredictionMap heard, PredictionMap seen, ConsensusIoU scorer, RankSelector ranks)
    {
        private readonly float[] _map = new float[Pixels];
        private readonly float[] _second = new float[Pixels];
        private readonly float[] _centre = CentreMap();

        /// <summary>The prediction that was scored last.</summary>
        public float[] Last { get; private set; } = [];

        /// <summary>Whether its adaptive prediction was nothing at all.</summary>
        public bool Empty { get; private set; }

        public (double Fixed, double Adaptive) Score(float[] scores, int rows, int cols, float[] truth, out bool finite)
        {
            finite = heard.Fill(scores, rows, cols, _map);
            Last = _map;
            return finite ? Rate(truth) : (0, 0);
        }

        public (double Fixed, double Adaptive) Fused(SampleMaps map, float weight, float[] truth)
        {
            heard.Fill(map.Own.Scores, map.Rows, map.Cols, _map);
            seen.Fill(map.Salient, map.SalientRows, map.SalientCols, _second);
            var fused = _second;
            PredictionMap.Fuse(_map, _second, weight, fused);
            Last = fused;
            return Rate(truth);
        }

        public (double Fixed, double Adaptive) Centre(float[] truth)
        {
            Last = _centre;
            return Rate(truth);
        }

        public float Median()
        {
            ranks.Load(Last);
            return ranks.At(Last, Pixels / 2);
        }

        public double Confidence(float[] scores, int rows, int cols, float temperature)
        {
            seen.Upsample(scores, rows, cols, _second);
            ExtendedScores.Rescale(_second, temperature);
            return float.IsFinite(TensorPrimitives.Sum<float>(_second)) ? ExtendedScores.Confidence(_second, ranks) : 0;
        }

        private (double Fixed, double Adaptive) Rate(float[] truth)
        {
            var score = scorer.Score(Last, truth);
            Empty = score.Adaptive.Positive == 0;
            return (score.Fixed.IoU, score.Adaptive.IoU);
        }

        private static float[] CentreMap()
        {
            const double middle = (Conventions.Side - 1) / 2.0;
            var map = Enumerable.Range(0, Pixels).Select(i => (float)-double.Hypot(i % Conventions.Side - middle, i / Conventions.Side - middle)).ToArray();
            PredictionMap.Stretch(map);
            return map;
        }
    }
}
