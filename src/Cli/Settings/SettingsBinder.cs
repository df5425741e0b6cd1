using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace RealtimeSsl.Cli.Settings;

/// <summary>
/// Sets one value of a tree of settings records by its dotted key (<c>tracker.coast_seconds</c>), checking type and range by what the
/// records themselves declare: the records are the one place where a setting exists.
/// </summary>
internal static class SettingsBinder
{
    private static readonly SearchValues<char> Special = SearchValues.Create(":#{}[],&*?|-<>=!%@\"'` ");

    /// <summary>Sets a value from text.</summary>
    /// <param name="root">The settings.</param>
    /// <param name="key">Dotted key in snake_case.</param>
    /// <param name="text">The value as written.</param>
    /// <exception cref="FormatException">Unknown key, wrong type or out of range; the message is the reason, without the key.</exception>
    public static void Set(object root, string key, string text)
    {
        var parts = key.Split('.');
        var target = root;
        for (var i = 0; i < parts.Length - 1; i++)
        {
            var section = Find(target, parts[i]);
            if (!IsSection(section.PropertyType))
            {
                throw new FormatException($"'{parts[i]}' is a value, not a section");
            }

            target = section.GetValue(target)!;
        }

        var property = Find(target, parts[^1]);
        if (IsSection(property.PropertyType))
        {
            throw new FormatException($"is a section; its keys are {string.Join(", ", Keys(property.PropertyType))}");
        }

        var value = Parse(property.PropertyType, text);
        Validate(property, value, text);
        property.SetValue(target, value);
    }

    /// <summary>All keys and values, sections first to last, in the order of declaration.</summary>
    public static IEnumerable<(string Key, object? Value)> Flatten(object root, string prefix = "")
    {
        foreach (var property in Properties(root.GetType()))
        {
            var (key, value) = (prefix + Snake(property.Name), property.GetValue(root));
            if (IsSection(property.PropertyType))
            {
                foreach (var inner in Flatten(value!, key + "."))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return (key, value);
            }
        }
    }

    /// <summary>A value as it is written in YAML.</summary>
    public static string Format(object? value) => value switch
    {
        null => "\"\"",
        bool b => b ? "true" : "false",
        Enum e => Snake(e.ToString()),
        string s => NeedsQuotes(s) ? $"\"{s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : s,
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    internal static string Snake(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    private static bool NeedsQuotes(string s) => s.Length == 0 || s.AsSpan().ContainsAny(Special)
        || double.TryParse(s, CultureInfo.InvariantCulture, out _) || s is "true" or "false" or "null" or "yes" or "no";

    private static bool IsSection(Type type) => type.IsClass && type != typeof(string);

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0);

    private static IEnumerable<string> Keys(Type type) => Properties(type).Select(p => Snake(p.Name));

    private static PropertyInfo Find(object target, string key)
    {
        var found = Properties(target.GetType()).FirstOrDefault(p => Snake(p.Name) == key);
        if (found is not null)
        {
            return found;
        }

        var keys = Keys(target.GetType()).ToList();
        var nearest = keys.MinBy(k => Distance(k, key));
        var hint = nearest is not null && Distance(nearest, key) <= 3 ? $"; did you mean '{nearest}'?" : $"; known keys are {string.Join(", ", keys)}";
        throw new FormatException($"unknown key '{key}'{hint}");
    }

    private static object? Parse(Type type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(bool))
        {
            return text.ToLowerInvariant() switch
            {
                "true" or "yes" or "on" => true,
                "false" or "no" or "off" => false,
                _ => throw new FormatException($"'{text}' is neither true nor false"),
            };
        }

        if (type == typeof(int))
        {
            return int.TryParse(text, NumberStyles.Integer, culture, out var i) ? i : throw new FormatException($"'{text}' is not a whole number");
        }

        if (type == typeof(double) || type == typeof(float))
        {
            return double.TryParse(text, NumberStyles.Float, culture, out var d) && double.IsFinite(d)
                ? Convert.ChangeType(d, type, culture)
                : throw new FormatException($"'{text}' is not a number");
        }

        if (type.IsEnum)
        {
            var names = Enum.GetNames(type);
            var match = Array.Find(names, n => Snake(n).Equals(text, StringComparison.OrdinalIgnoreCase));
            return match is not null ? Enum.Parse(type, match)
                : throw new FormatException($"'{text}' is none of {string.Join(", ", names.Select(Snake))}");
        }

        throw new NotSupportedException($"settings of type {type.Name} have no textual form");
    }

    private static void Validate(PropertyInfo property, object? value, string text)
    {
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (!rule.IsValid(value))
            {
                throw new FormatException(rule switch
                {
                    RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"{text} is out of range; expected {range.Minimum} to {range.Maximum}"),
                    AllowedValuesAttribute allowed => $"'{text}' is none of {string.Join(", ", allowed.Values)}",
                    _ => rule.ErrorMessage ?? $"'{text}' is not valid",
                });
            }
        }
    }

    /// <summary>Levenshtein distance, for "did you mean".</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[b.Length];
    }
}
