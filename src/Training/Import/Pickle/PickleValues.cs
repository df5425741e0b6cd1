namespace RealtimeSsl.Training.Import.Pickle;

/// <summary>A list of a pickle, or a set. Other values are null, bool, long, BigInteger, double, string, byte[], <see cref="CheckpointTensor"/>.</summary>
internal sealed class PickleList
{
    /// <summary>Its values.</summary>
    public List<object?> Items { get; } = [];
}

/// <summary>A tuple of a pickle.</summary>
/// <param name="Items">Its values.</param>
internal sealed record PickleTuple(object?[] Items);

/// <summary>
/// A dictionary of a pickle, in the order in which it was filled. A list, since keys come from strangers: who chooses them can make a hash table
/// crawl.
/// </summary>
internal sealed class PickleDict
{
    /// <summary>Its keys and values; a key that comes twice counts by its last value.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];

    /// <summary>The last value of a key; null if there is none.</summary>
    public object? this[string key] => Items.FindLast(i => key.Equals(i.Key)).Value;
}

/// <summary>Something that was in the pickle and means nothing to us: a set, an array of numpy, a device.</summary>
/// <param name="What">Its name.</param>
internal sealed record PickleOpaque(string What);

/// <summary>A name that a pickle may use: a type, or a function of ours that stands for one of Python's. Nothing else has a meaning.</summary>
/// <param name="Name">Full name in Python.</param>
/// <param name="Call">What it makes of its arguments; null if it cannot be called.</param>
internal record PickleWord(string Name, Func<PickleWords, object?[], object?>? Call = null);

/// <summary>A type of storage or of numbers.</summary>
/// <param name="Name">Full name in Python.</param>
/// <param name="Type">The type; null for bytes without one (UntypedStorage).</param>
internal sealed record PickleTypeWord(string Name, TensorType? Type) : PickleWord(Name);
