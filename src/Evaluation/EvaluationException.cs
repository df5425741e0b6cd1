namespace RealtimeSsl.Evaluation;

/// <summary>An evaluation cannot be done as asked: one line that names the file, the value and the way out.</summary>
public sealed class EvaluationException(string message, Exception? inner = null) : Exception(message, inner);
