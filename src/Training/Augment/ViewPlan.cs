using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>Where a view's picture or sound comes from.</summary>
public enum ViewOf
{
    /// <summary>The pair itself.</summary>
    Own,

    /// <summary>Another picture of the same clip.</summary>
    Sibling,

    /// <summary>One of its neighbours, all equally likely.</summary>
    Similar,

    /// <summary>Its nearest neighbour.</summary>
    Nearest,
}

/// <summary>A view of a picture. Without operations it is brought to the network as the engine does it with a frame.</summary>
public sealed record PictureView(ViewOf Of, params IReadOnlyList<PictureOp> Ops);

/// <summary>A view of a sound.</summary>
public sealed record SoundView(ViewOf Of, SoundRecipe Recipe);

/// <summary>A random rotation and mirroring whose matrix goes with the batch: SSL-TIE's equivariance.</summary>
/// <param name="MostDegrees">Largest rotation either way.</param>
public sealed record RandomWarp(double MostDegrees);

/// <summary>
/// What of each pair the network is shown: views of its picture, views of its sound. Each view draws from its own stream of chance, so adding
/// one changes no other.
/// </summary>
public sealed record ViewPlan
{
    /// <summary>Name of the plan.</summary>
    public required string Id { get; init; }

    /// <summary>The network's picture.</summary>
    public required ImageFrontEnd Image { get; init; }

    /// <summary>The network's sound.</summary>
    public required AudioFrontEnd Audio { get; init; }

    /// <summary>Views of the picture.</summary>
    public required IReadOnlyList<PictureView> Pictures { get; init; }

    /// <summary>Views of the sound.</summary>
    public required IReadOnlyList<SoundView> Sounds { get; init; }

    /// <summary>Neighbours of the pictures, for views of similar ones.</summary>
    public Neighbours? SimilarPictures { get; init; }

    /// <summary>Neighbours of the sounds, for views of similar ones and for mixing.</summary>
    public Neighbours? SimilarSounds { get; init; }

    /// <summary>Adds one view more: the first one's picture, warped.</summary>
    public RandomWarp? Warp { get; init; }

    /// <summary>The first view's motion as the network reads it; null where it reads none.</summary>
    public FlowFrontEnd? Motion { get; init; }

    /// <summary>Whether the order of the pairs and all that is drawn changes from epoch to epoch.</summary>
    public bool Training { get; init; } = true;
}
