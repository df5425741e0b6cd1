namespace RealtimeSsl.Training.Import;

/// <summary>What a reader of one layout found.</summary>
/// <param name="Layout">Name of the layout, for people.</param>
/// <param name="Root">What was saved: dictionaries of tensors and plain values.</param>
/// <param name="Locate">Where a storage's numbers lie; throws when they are missing or damaged.</param>
internal sealed record CheckpointContent(string Layout, object? Root, Func<TensorStorage, FileStretch> Locate);
