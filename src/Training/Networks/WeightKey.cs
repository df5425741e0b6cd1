namespace RealtimeSsl.Training.Networks;

/// <summary>A tensor that a network needs.</summary>
/// <param name="Name">Its name in the checkpoint, prefixes taken off.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Initial">
/// The value that all its numbers have before training, if they have one: only such a tensor can stand in for a missing one. Null for weights that begin at
/// random.
/// </param>
public sealed record WeightKey(string Name, IReadOnlyList<int> Shape, float? Initial = null)
{
    /// <summary>A convolution without bias and the batch normalisation after it.</summary>
    /// <param name="conv">Name of the convolution.</param>
    /// <param name="norm">Name of the normalisation.</param>
    /// <param name="shape">[out, in / groups, rows, cols].</param>
    public static IEnumerable<WeightKey> Convolution(string conv, string norm, params int[] shape) => [new(conv + ".weight", shape), .. Norm(norm, shape[0])];

    /// <summary>A batch normalisation.</summary>
    public static IEnumerable<WeightKey> Norm(string name, int channels) =>
    [
        new(name + ".weight", [channels], 1), new(name + ".bias", [channels], 0),
        new(name + ".running_mean", [channels], 0), new(name + ".running_var", [channels], 1),
    ];

    /// <summary>A convolution or linear layer with bias.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="shape">Sizes of its weight, outputs first.</param>
    public static IEnumerable<WeightKey> Biased(string name, params int[] shape) => [new(name + ".weight", shape), new(name + ".bias", [shape[0]])];

    /// <summary>A 1x1 convolution (picture) or linear layer (sound) with bias.</summary>
    public static IEnumerable<WeightKey> Projection(string name, int from, int to, bool overPicture) =>
        Biased(name, overPicture ? [to, from, 1, 1] : [to, from]);
}
