namespace RealtimeSsl.Outputs;

/// <summary>An output cannot be written or reached. The message is one line for a person: what, which, the way out; no credentials.</summary>
public sealed class OutputException(string message, Exception? inner = null) : Exception(message, inner);
