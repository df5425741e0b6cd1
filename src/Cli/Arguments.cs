namespace RealtimeSsl.Cli;

/// <summary>
/// What the command line says beside its verb. <c>key=value</c> works as <c>--key value</c> does; a dotted key (<c>--tracker.coast_seconds 0.2</c>)
/// sets any value of the configuration.
/// </summary>
internal static class Arguments
{
    /// <summary>Splits the arguments into those for the parser and the settings given by dotted key.</summary>
    /// <exception cref="UsageException">A dotted key without a value.</exception>
    public static (string[] Plain, IReadOnlyList<(string Key, string Value)> Settings) Split(IReadOnlyList<string> args)
    {
        var plain = new List<string>();
        var settings = new List<(string, string)>();
        for (var i = 0; i < args.Count; i++)
        {
            var (key, value) = KeyValue(args[i]);
            if (key is null)
            {
                plain.Add(args[i]);
                continue;
            }

            if (!key.Contains('.', StringComparison.Ordinal))
            {
                plain.Add("--" + key);
                if (value is not null)
                {
                    plain.Add(value);
                }

                continue;
            }

            value ??= ++i < args.Count ? args[i] : throw new UsageException($"--{key} needs a value");
            settings.Add((key, value));
        }

        return ([.. plain], settings);
    }

    /// <summary>(key, value) of <c>--key=value</c> and <c>key=value</c>, (key, null) of <c>--key</c>, (null, null) of anything else.</summary>
    private static (string? Key, string? Value) KeyValue(string argument)
    {
        var dashed = argument.StartsWith("--", StringComparison.Ordinal);
        var body = dashed ? argument[2..] : argument;
        var equals = body.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? body : body[..equals];
        var isKey = key.Length > 0 && char.IsAsciiLetterLower(key[0]) && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
        return isKey && (dashed || equals > 0) ? (key, equals < 0 ? null : body[(equals + 1)..]) : (null, null);
    }
}
