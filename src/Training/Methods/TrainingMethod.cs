using RealtimeSsl.Inference.Models;
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
    IReadOnlyList<Tensor> Pictures, IReadOnlyList<Tensor> Sounds, Tensor Labels, Tensor? Warps, bool HalfSize, int Epoch, long Step)
{
    /// <summary>Where the source is, 0..1 over the first picture [N, H, W]; negative in pictures where that is not known. For semi-supervised terms.</summary>
    public Tensor? Truth { get; init; }

    /// <summary>Motion of the first picture [N, 2, H, W] as the method's package reads it, where there is any.</summary>
    public Tensor? Motion { get; init; }
}

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
    /// <summary>As in <c>--method</c>; what its weights become a package as: <see cref="TrainingMethods.Import"/>.</summary>
    public abstract string Id { get; }

    /// <summary>
    /// Beginnings of the names of what its paper takes pretrained (from ImageNet, AudioSet): trained from random weights without a base, which is to be
    /// said.
    /// </summary>
    public virtual IReadOnlyList<string> Pretrained => [];

    /// <summary>Whether <see cref="Prepare"/> is to be called.</summary>
    public virtual bool Prepares => false;

    /// <summary>The networks. The names in its state are those of the method's published checkpoints.</summary>
    public abstract nn.Module Network { get; }

    /// <summary>Whether its views take neighbours of pictures and of sounds.</summary>
    public virtual bool TakesNeighbours => false;

    /// <summary>How it reads the motion of a picture; null where it reads none, and then none is made.</summary>
    public virtual FlowFrontEnd? Motion => null;

    /// <summary>What of each pair it is shown.</summary>
    /// <param name="image">The network's picture.</param>
    /// <param name="audio">The network's sound.</param>
    /// <param name="pictures">Neighbours of the pictures, where it takes them and there are any.</param>
    /// <param name="sounds">Neighbours of the sounds, likewise.</param>
    public abstract ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds);

    /// <summary>
    /// Called once, before the first epoch of a training that does not resume another: what a method learns ahead of its loss it learns here. What comes of
    /// it lies in <see cref="Network"/>.
    /// </summary>
    /// <param name="sounds">
    /// All of the training set's sounds, unchanged, in batches [N, 1, rows, columns], in the same order each time it is asked; a batch is valid until the
    /// next.
    /// </param>
    /// <param name="log">Progress.</param>
    /// <param name="stop">Gives up.</param>
    public virtual void Prepare(Func<IEnumerable<Tensor>> sounds, ILog log, CancellationToken stop)
    {
    }

    /// <summary>The loss of a batch.</summary>
    public abstract StepLoss Loss(StepInput input);

    /// <summary>Called after each step of the optimizer: what follows the weights (momentum networks) follows here.</summary>
    public virtual void AfterStep()
    {
    }

    /// <summary>The heatmaps of pictures with sounds, as the engine computes them: raw scores [N, rows, columns], in evaluation mode and without gradient.</summary>
    public abstract Tensor Heatmap(Tensor pictures, Tensor sounds);

    /// <summary>The same with all that the method is shown, its motion included.</summary>
    public virtual Tensor Heatmap(StepInput input) => Heatmap(input.Pictures[0], input.Sounds[0]);

    /// <summary>Global embeddings [N, D] of pictures and of sounds for retrieval, length 1; likewise.</summary>
    public abstract (Tensor Pictures, Tensor Sounds) Embed(Tensor pictures, Tensor sounds);

    /// <summary>The same with all that the method is shown, its motion included.</summary>
    public virtual (Tensor Pictures, Tensor Sounds) Embed(StepInput input) => Embed(input.Pictures[0], input.Sounds[0]);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        Network.Dispose();
        GC.SuppressFinalize(this);
    }
}
