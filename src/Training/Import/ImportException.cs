namespace RealtimeSsl.Training.Import;

/// <summary>A checkpoint cannot be imported; nothing was written. The message is for a person: which file, what in it, why, the way out.</summary>
public sealed class ImportException(string message, Exception? inner = null) : Exception(message, inner);
