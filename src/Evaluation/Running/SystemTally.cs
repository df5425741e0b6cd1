using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>Collects one system's scores, sample by sample, and sums them up as the benchmark's kind asks for.</summary>
/// <param name="name">Of the system.</param>
/// <param name="benchmark">The set.</param>
/// <param name="conventions">How to count.</param>
internal sealed class SystemTally(string name, Benchmark benchmark, Conventions conventions)
{
    private readonly List<(string Sample, string Group, string Size, double Fixed, double Adaptive)> _scores = [];
    private readonly List<ExtendedSample> _extended = [];
    private readonly Segmentation _masks = new(conventions.AvsBatch);
    private readonly List<double> _parts = [];
    private bool _hasMasks;

    public string Name => name;

    /// <summary>Adaptive IoU of each sounding sample, for paired comparisons.</summary>
    public IEnumerable<(string Sample, string Group, double Adaptive)> Adaptive => _scores.Select(s => (s.Sample, s.Group, s.Adaptive));

    public void Add(string sample, string group, int area, double fixedIoU, double adaptiveIoU) =>
        _scores.Add((sample, group, SizeSubset.Of(area), fixedIoU, adaptiveIoU));

    public void AddConfidence(double confidence, double iou, bool sounds) => _extended.Add(new ExtendedSample(confidence, iou, sounds));

    public void AddMask(ReadOnlySpan<float> map, ReadOnlySpan<float> truth, float threshold)
    {
        _hasMasks = true;
        _masks.Add(map, truth, threshold, conventions.Comparison == Comparison.AtLeast);
    }

    public void AddPart(ReadOnlySpan<float> map, ReadOnlySpan<float> truth) => _parts.Add(ClassAware.IoU(map, truth, benchmark.PartOfMaximum!.Value, conventions.Comparison == Comparison.AtLeast));

    public SystemScores Sum()
    {
        var (ious, adaptive) = (_scores.Select(s => s.Fixed).ToArray(), _scores.Select(s => s.Adaptive).ToArray());
        var (curve, curveAdaptive) = (SuccessCurve.Of(ious), SuccessCurve.Of(adaptive));
        var (inter, interAdaptive) = (Interaction.Of(_scores.Select(s => (s.Group, s.Fixed))), Interaction.Of(_scores.Select(s => (s.Group, s.Adaptive))));
        var extended = _extended.Any(s => !s.Sounds);
        return new SystemScores
        {
            Name = name,
            CIoU = Share(ious), CIoUAdaptive = Share(adaptive), Auc = curve.Auc, AucAdaptive = curveAdaptive.Auc,
            IIoU = inter.IIoU, IIoUAdaptive = interAdaptive.IIoU, IAuc = inter.IAuc, IAucAdaptive = interAdaptive.IAuc,
            MeanCIoU = ious.DefaultIfEmpty(double.NaN).Average(), MeanAdaptive = adaptive.DefaultIfEmpty(double.NaN).Average(),
            Groups = inter.Groups, GroupsOfOne = inter.Alone, Curve = curve.Shares, CurveAdaptive = curveAdaptive.Shares,
            Sizes = SizeSubset.Names.ToDictionary(n => n, n => Size([.. _scores.Where(s => s.Size == n)])),
            AP = extended ? ExtendedScores.AveragePrecision(_extended) : null,
            MaxF1 = extended ? ExtendedScores.MaxF1(_extended) : null,
            LocAcc = extended ? ExtendedScores.LocAcc(_extended) : null,
            MIoU = _hasMasks ? _masks.MeanIoU : null,
            FScore = _hasMasks ? _masks.F : null,
            CIoU03 = _parts.Count > 0 ? SuccessCurve.Share(_parts, 0.3) : null,
            Auc03 = _parts.Count > 0 ? SuccessCurve.Of(_parts).Auc : null,
            CIoU03Cut = _parts.Count > 0 ? SuccessCurve.Share(ious, 0.3) : null,
        };
    }

    private static SizeScore Size((string, string, string, double Fixed, double Adaptive)[] s) =>
        new(s.Length, Share([.. s.Select(x => x.Fixed)]), Share([.. s.Select(x => x.Adaptive)]));

    private static double Share(double[] ious) => ious.Length == 0 ? double.NaN : SuccessCurve.Share(ious, 0.5);
}
