using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>What a method is shown in one step; the tensors belong to the trainer's dispose scope.</summary>
/// <param name="Pictures">For each view of the plan [N, 3, H, W]; with a warp one more: the first, warped.</param>
/// <param name="Sounds">For each view of the plan [N, 1, rows, columns].</param>
/// <param name="Labels">Index of each pair's class, int64 [N]; -1 where it has none.</param>
/// <param name="Warps">With a warp [N, 2, 3], as <c>affine_grid</c> takes it; else null.</param>
/// <param name="HalfSize">With a warp: whether the warped view is to be shown at half the size.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Step">From 0 over the whole training.</param>
public sealed record StepInput(
    IReadOnlyList<Tensor> Pictures, IReadOnlyList<Tensor> Sounds, Tensor Labels, Tensor? Warps, bool HalfSize, int Epoch, long Step);

/// <summary>A loss and what it is made of.</summary>
/// <param name="Total">A scalar with a gradient.</param>
/// <param name="Parts">Its terms, by name, for the log.</param>
public sealed record StepLoss(Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Parts)
{
    /// <summary>The sum of some terms.</summary>
    public static StepLoss Of(params IReadOnlyList<(string Name, Tensor Value)> parts) => new(parts.Select(p => p.Value).Aggregate((a, b) => a + b), parts);
}

/// <summary>
/// A method as training sees it: networks, the views they are shown, and a loss. One file each. Everything that learns or is carried from step to
/// step lies in <see cref="Network"/>, so that saving its state is saving the method.
/// </summary>
public abstract class TrainingMethod : IDisposable
{
    /// <summary>As in <c>--method</c>; also the import method by which its weights become a package.</summary>
    public abstract string Id { get; }

    /// <summary>The networks. The names in its state are those of the method's published checkpoints.</summary>
    public abstract nn.Module Network { get; }

    /// <summary>Whether its views take neighbours of pictures and of sounds.</summary>
    public virtual bool TakesNeighbours => false;

    /// <summary>What of each pair it is shown.</summary>
    /// <param name="image">The network's picture.</param>
    /// <param name="audio">The network's sound.</param>
    /// <param name="pictures">Neighbours of the pictures, where it takes them and there are any.</param>
    /// <param name="sounds">Neighbours of the sounds, likewise.</param>
    public abstract ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds);

    /// <summary>The loss of a batch.</summary>
    public abstract StepLoss Loss(StepInput input);

    /// <summary>Called after each step of the optimizer: what follows the weights (momentum networks) follows here.</summary>
    public virtual void AfterStep()
    {
    }

    /// <summary>The heatmaps of pictures with sounds, as the engine computes them: raw scores [N, rows, columns], in evaluation mode and without gradient.</summary>
    public abstract Tensor Heatmap(Tensor pictures, Tensor sounds);

    /// <summary>Global embeddings [N, D] of pictures and of sounds for retrieval, length 1; likewise.</summary>
    public abstract (Tensor Pictures, Tensor Sounds) Embed(Tensor pictures, Tensor sounds);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        Network.Dispose();
        GC.SuppressFinalize(this);
    }
}
