namespace RealtimeSsl.Inference;

/// <summary>
/// A model or a device cannot be used. The message is one line for a person: which file or name, which value, why, the way out.
/// </summary>
public sealed class InferenceException(string message, Exception? inner = null) : Exception(message, inner);
