using RealtimeSsl.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// A method whose heatmap is the cosine of each of the picture's cells with the sound, which most are: what they have in common beside networks and
/// losses.
/// </summary>
public abstract class CosineMethod : TrainingMethod
{
    /// <summary>Divides the cosine in the heatmap.</summary>
    public virtual double HeatmapTemperature => 1;

    /// <inheritdoc/>
    public override Tensor Heatmap(Tensor pictures, Tensor sounds) => Evaluated(() =>
    {
        var (v, a) = Features(pictures, sounds);
        return Similarity.Own(v, a) / HeatmapTemperature;
    });

    /// <summary>
    /// Of the picture the mean of its cells, each of length 1: its product with a sound is the mean of the heatmap. Of the sound its vector.
    /// </summary>
    public override (Tensor Pictures, Tensor Sounds) Embed(Tensor pictures, Tensor sounds) => Both(() =>
    {
        var (v, a) = Features(pictures, sounds);
        return (Similarity.Unit(v.mean([-2, -1])), a);
    });

    /// <summary>Cells [N, C, h, w] and sounds [N, C], all of length 1, as the heatmap takes them.</summary>
    protected abstract (Tensor Map, Tensor Vector) Features(Tensor pictures, Tensor sounds);

    /// <summary>Computes as the engine does: evaluation mode, no gradient; the mode is then what it was.</summary>
    protected Tensor Evaluated(Func<Tensor> compute)
    {
        using var scope = NewDisposeScope();
        using var evaluation = new Evaluation(Network);
        return compute().MoveToOuterDisposeScope();
    }

    /// <summary>The same for two results.</summary>
    protected (Tensor, Tensor) Both(Func<(Tensor, Tensor)> compute)
    {
        using var scope = NewDisposeScope();
        using var evaluation = new Evaluation(Network);
        var (first, second) = compute();
        return (first.MoveToOuterDisposeScope(), second.MoveToOuterDisposeScope());
    }

    private sealed class Evaluation : IDisposable
    {
        private readonly nn.Module _network;
        private readonly bool _training;
        private readonly IDisposable _ungraded = no_grad();

        public Evaluation(nn.Module network)
        {
            (_network, _training) = (network, network.training);
            network.eval();
        }

        public void Dispose()
        {
            _network.train(_training);
            _ungraded.Dispose();
        }
    }
}
