namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>
/// Mask IoU and F-score of AVSBench. IoU: I / (U + 1e-7); a picture without ground truth scores its true negatives over all pixels. F: beta^2 = 0.3,
/// 255 thresholds of 0..1, averaged over the pictures with ground truth, then the maximum over the thresholds. AVSBench's own code takes mean and
/// maximum per batch and averages those, so its numbers depend on the batch size; here that is an option.
/// </summary>
/// <param name="batch">Images per batch; 0: the whole set.</param>
public sealed class Segmentation(int batch = 0)
{
    private const int Steps = 255;
    private const double BetaSquared = 0.3;
    private static readonly float[] Levels = Linspace();
    private readonly double[] _curve = new double[Steps];
    private readonly int[] _predicted = new int[Steps];
    private readonly int[] _right = new int[Steps];
    private readonly List<double> _ious = [];
    private readonly List<(double IoU, double F)> _batches = [];
    private int _inBatch;
    private int _withTruth;
    private double _iouSum;

    /// <summary>Mask IoU of each image.</summary>
    public IReadOnlyList<double> IoUs => _ious;

    /// <summary>Mean IoU.</summary>
    public double MeanIoU => Closed().Select(b => b.IoU).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Maximum over the thresholds of the mean F.</summary>
    public double F => Closed().Where(b => !double.IsNaN(b.F)).Select(b => b.F).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Adds an image.</summary>
    /// <param name="map">Scores 0..1 (for AVSBench the logistic of its logits).</param>
    /// <param name="truth">0 or not 0.</param>
    /// <param name="threshold">Where the mask begins: above it.</param>
    /// <param name="atLeast">At the threshold, too.</param>
    public void Add(ReadOnlySpan<float> map, ReadOnlySpan<float> truth, float threshold = 0.5f, bool atLeast = false)
    {
        var (inter, union, truthArea, negatives) = (0, 0, 0, 0);
        Array.Clear(_predicted);
        Array.Clear(_right);
        for (var i = 0; i < map.Length; i++)
        {
            var (predicted, real) = (atLeast ? map[i] >= threshold : map[i] > threshold, truth[i] != 0);
            inter += predicted && real ? 1 : 0;
            union += predicted || real ? 1 : 0;
            truthArea += real ? 1 : 0;
            negatives += !predicted && !real ? 1 : 0;
            if (Level(map[i]) is >= 0 and var level)
            {
                _predicted[level]++;
                _right[level] += real ? 1 : 0;
            }
        }

        var iou = truthArea == 0 ? negatives / (map.Length + 1e-7) : inter / (union + 1e-7);
        _ious.Add(iou);
        _iouSum += iou;
        if (truthArea > 0)
        {
            AddCurve(truthArea);
        }

        if (++_inBatch == batch)
        {
            _batches.Add(Batch());
            (_inBatch, _withTruth, _iouSum) = (0, 0, 0);
            Array.Clear(_curve);
        }
    }

    private void AddCurve(int truthArea)
    {
        _withTruth++;
        var (predicted, right) = (0, 0);
        for (var level = Steps - 1; level >= 0; level--)
        {
            (predicted, right) = (predicted + _predicted[level], right + _right[level]);
            var (precision, recall) = (right / (predicted + 1e-20), right / (truthArea + 1e-20));
            var f = (1 + BetaSquared) * precision * recall / (BetaSquared * precision + recall);
            _curve[level] += double.IsNaN(f) ? 0 : f;
        }
    }

    private IEnumerable<(double IoU, double F)> Closed() => _inBatch == 0 ? _batches : _batches.Append(Batch());

    private (double IoU, double F) Batch() => (_iouSum / _inBatch, _withTruth == 0 ? double.NaN : _curve.Max() / _withTruth);

    /// <summary>The highest threshold that a value reaches; -1 if none.</summary>
    private static int Level(float value)
    {
        if (!(value >= 0))
        {
            return -1;
        }

        var level = (int)Math.Min(value * (Steps - 1), Steps - 1);
        level += level + 1 < Steps && value >= Levels[level + 1] ? 1 : 0;
        return value < Levels[level] ? level - 1 : level;
    }

    /// <summary>torch.linspace(0, 1 - 1e-10, 255) in floats: from both ends, by one step.</summary>
    private static float[] Linspace()
    {
        var step = 1f / (Steps - 1);
        return [.. Enumerable.Range(0, Steps).Select(i => i < Steps / 2 ? step * i : 1f - step * (Steps - 1 - i))];
    }
}
