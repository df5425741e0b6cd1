using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>
/// A moving average of the weights (Polyak and Juditsky 1992): smoother than any one of them, so it is what is judged and exported. Statistics of
/// normalisations are the network's own.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly double _decay;
    private readonly List<(string Name, Tensor Own, Tensor Mean)> _pairs = [];

    public WeightAverage(IEnumerable<(string Name, Tensor Weight)> weights, double decay)
    {
        _decay = decay;
        using var ungraded = no_grad();
        foreach (var (name, weight) in weights)
        {
            _pairs.Add((name, weight, weight.detach().clone().DetachFromDisposeScope()));
        }
    }

    /// <summary>The averages by name.</summary>
    public IEnumerable<(string Name, Tensor Value)> State => _pairs.Select(p => (p.Name, p.Mean));

    /// <summary>Takes the weights as they are now. Early on it follows them closely: there is not much to average yet.</summary>
    public void Follow(long step)
    {
        var decay = Math.Min(_decay, (1.0 + step) / (10 + step));
        using var ungraded = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, own, mean) in _pairs)
        {
            mean.mul_(decay).add_(own, 1 - decay);
        }
    }

    /// <summary>Exchanges averages and weights; once more brings back what was.</summary>
    public void Swap()
    {
        using var ungraded = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, own, mean) in _pairs)
        {
            using var kept = own.detach().clone();
            own.copy_(mean);
            mean.copy_(kept);
        }
    }

    public void Dispose() => _pairs.ForEach(p => p.Mean.Dispose());
}
