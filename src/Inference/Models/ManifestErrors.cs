using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Models;

/// <summary>
/// Says what is wrong with a manifest's form as a person would: file, line, key, reason, and the line itself. The serializer's own messages
/// speak of .NET types to people who wrote JSON.
/// </summary>
internal static class ManifestErrors
{
    /// <summary>One line.</summary>
    /// <param name="file">Path of the manifest.</param>
    /// <param name="utf8">Its content.</param>
    /// <param name="e">What the serializer says; with an inner one, when it happened within a front end.</param>
    public static string Describe(string file, ReadOnlySpan<byte> utf8, JsonException e)
    {
        var (line, path) = (e.LineNumber ?? 0, e.Path ?? "$");
        var inner = e.InnerException is JsonException { Path: not null } within ? within : null;
        if (inner is not null)
        {
            (line, path) = (line + (inner.LineNumber ?? 0), path + inner.Path![1..]);
        }

        var here = Encoding.UTF8.GetString(utf8).Split('\n').ElementAtOrDefault((int)line)?.Trim().TrimEnd(',') ?? "";
        var (reason, showLine) = Reason((inner ?? e).Message, path[(path.LastIndexOf('.') + 1)..]);
        return $"{file}:{line + 1}: {path}: {reason}{(showLine && here.Length is > 0 and < 120 ? $", here: {here}" : "")}";
    }

    private static (string Reason, bool ShowLine) Reason(string message, string key)
    {
        message = message.Split(" Path: ")[0].Split(" LineNumber: ")[0];
        if (message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            return ("unknown key", false);
        }

        if (message.StartsWith("Duplicate property", StringComparison.Ordinal))
        {
            return ("given twice", false);
        }

        if (message.Contains("setting null values", StringComparison.Ordinal))
        {
            return ("must not be null", false);
        }

        const string missing = "missing required properties including: ", convert = "could not be converted to ";
        if (message.IndexOf(missing, StringComparison.Ordinal) is >= 0 and var at)
        {
            return ($"missing: {message[(at + missing.Length)..].TrimEnd('.')}", false);
        }

        return message.IndexOf(convert, StringComparison.Ordinal) is >= 0 and var to
            ? ($"must be {Kind(message[(to + convert.Length)..].TrimEnd('.'), key)}", true)
            : (message, false);
    }

    private static string Written(Type type, string name) =>
        type.GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static string Kind(string type, string key)
    {
        var found = typeof(ModelManifest).Assembly.GetType(type) ?? typeof(AudioFrontEnd).Assembly.GetType(type) ?? Type.GetType(type);

        // For the argument of a record's constructor the serializer names the record.
        var argument = found?.GetProperties().FirstOrDefault(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name) == key);
        found = argument?.PropertyType ?? found;
        return found switch
        {
            { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(found).Select(n => Written(found, n))),
            _ when found == typeof(int) => "a whole number",
            _ when found == typeof(float) || found == typeof(double) => "a number",
            _ when found == typeof(string) => "a text",
            _ when found == typeof(bool) => "true or false",
            _ => "of another form",
        };
    }
}
