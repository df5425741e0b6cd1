namespace RealtimeSsl.Cli;

/// <summary>Wrong use or configuration: exit code 2. The message is for a person and names the value and the way out.</summary>
public sealed class UsageException(string message) : Exception(message);
