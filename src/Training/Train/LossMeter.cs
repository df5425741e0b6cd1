using RealtimeSsl.Pipeline;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>Means of the loss and its parts, and pairs a second, since they were last taken.</summary>
internal sealed class LossMeter(IClock clock)
{
    private readonly List<(string Name, double Sum)> _parts = [];
    private TimeSpan _began = clock.Now;
    private double _sum;
    private int _batches;
    private long _pairs;

    /// <summary>Time since it was last taken.</summary>
    public TimeSpan Since => clock.Now - _began;

    public void Add(double loss, IReadOnlyList<(string Name, Tensor Value)> parts, int pairs)
    {
        (_sum, _batches, _pairs) = (_sum + loss, _batches + 1, _pairs + pairs);
        for (var i = 0; i < parts.Count; i++)
        {
            var value = parts[i].Value.detach().to(ScalarType.Float32).item<float>();
            if (i == _parts.Count)
            {
                _parts.Add((parts[i].Name, 0));
            }

            _parts[i] = (parts[i].Name, _parts[i].Sum + value);
        }
    }

    public (double Loss, IReadOnlyList<(string Name, double Value)> Parts, double PerSecond) Take()
    {
        var n = Math.Max(1, _batches);
        var taken = (_sum / n, (IReadOnlyList<(string, double)>)[.. _parts.Select(p => (p.Name, p.Sum / n))], _pairs / Math.Max(1e-3, Since.TotalSeconds));
        Restart();
        return taken;
    }

    /// <summary>Forgets what was, and begins to measure time.</summary>
    public void Restart()
    {
        (_began, _sum, _batches, _pairs) = (clock.Now, 0, 0, 0);
        _parts.Clear();
    }
}
