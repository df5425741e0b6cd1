namespace RealtimeSsl.Training.Data;

/// <summary>Training data cannot be used. The message is one line for a person: which folder or file, what is wrong with it, the way out.</summary>
public sealed class TrainingDataException(string message, Exception? inner = null) : Exception(message, inner);
