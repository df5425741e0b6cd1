namespace RealtimeSsl.Training.Train;

/// <summary>Training cannot begin or go on. The message is for a person: what, where, and the way out.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
