using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>
/// The bench <c>metrics</c>: what a sample's cIoU and adaptive cIoU cost, against the peers' way: their evaluations sort all 50,176 floats of a map four times per
/// sample (both thresholds, the method's map and the object-guided one). The baseline is those four sorts and nothing else.
/// </summary>
internal sealed class MetricBench(BenchRequest request, BenchPrinter printer, CancellationToken stop)
{
    private const int Pixels = Conventions.Side * Conventions.Side;
    private const int Cells = 14;

    /// <summary>Measures, prints, and returns it.</summary>
    public BenchResult Run(BenchResult result)
    {
        var random = new Random(1);
        var maps = Enumerable.Range(0, 16).Select(_ => Enumerable.Range(0, Cells * Cells).Select(_ => random.NextSingle()).ToArray()).ToArray();
        var (clock, prediction, scorer) = (new StageClock(request.Runs, request.Seconds, stop), new PredictionMap(HeatmapUpsampling.CvLinear), new ConsensusIoU(Conventions.SslAlign));
        var (map, fused, sorted, truth, run) = (new float[Pixels], new float[Pixels], new float[Pixels], new float[Pixels], 0);
        TruthMap.Fill([new TruthBox(0.2, 0.3, 0.6, 0.8)], BoxUnit.Fraction, consensus: false, truth);
        prediction.Fill(maps[0], Cells, Cells, map);
        prediction.Fill(maps[1], Cells, Cells, fused);

        printer.Table("metrics: one sample of 224 x 224");
        var enlarge = Time("map to prediction (not in the comparison)", () => prediction.Fill(maps[run++ % maps.Length], Cells, Cells, sorted));
        var theirs = Time("four sorts of 50,176 floats, the peers' way", () =>
        {
            for (var i = 0; i < 4; i++)
            {
                (i < 2 ? map : fused).CopyTo(sorted.AsSpan());
                Array.Sort(sorted);
            }
        });
        var ours = Time("the same four thresholds and IoU here", () =>
        {
            scorer.Score(map, truth);
            scorer.Score(fused, truth);
        });
        printer.Say($"  {theirs.Ms.P50 / ours.Ms.P50:0.0} times as fast (medians), {theirs.Ms.Best / ours.Ms.Best:0.0} times (best runs).");
        return result with { Pipeline = [enlarge, theirs, ours] };

        StageResult Time(string name, Action stage)
        {
            var timed = new StageResult(name, clock.Measure(stage));
            printer.Stage(timed);
            return timed;
        }
    }
}
