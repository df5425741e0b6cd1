using System.Text.Json;
using System.Text.RegularExpressions;

namespace RealtimeSsl.Tests.Support;

/// <summary>Checks JSON against the part of JSON Schema that our schemas use, and that it has no property that the schema does not name.</summary>
internal sealed class JsonSchema
{
    private readonly JsonElement _root;

    private JsonSchema(JsonElement root) => _root = root;

    /// <summary>Reads docs/schemas/NAME from the repository, wherever the tests run from.</summary>
    public static JsonSchema Load(string name)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var path = Path.Combine(folder, "docs", "schemas", name);
            if (File.Exists(path))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path));
                return new JsonSchema(document.RootElement.Clone());
            }
        }

        throw new FileNotFoundException($"docs/schemas/{name} is not above {AppContext.BaseDirectory}");
    }

    /// <summary>What is wrong, one line each; empty if nothing is.</summary>
    public List<string> Check(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        List<string> wrong = [];
        Check(_root, document.RootElement, "", wrong);
        return wrong;
    }

    private void Check(JsonElement schema, JsonElement value, string at, List<string> wrong)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            var rule = keyword.Value;
            var holds = keyword.Name switch
            {
                "$schema" or "$id" or "$defs" or "title" or "description" or "format" or "additionalProperties" => true,
                "$ref" => Follow(rule.GetString()!, value, at, wrong),
                "const" => value.ValueKind == JsonValueKind.String && value.GetString() == rule.GetString(),
                "enum" => rule.EnumerateArray().Any(allowed => allowed.GetString() == value.GetString()),
                "type" => rule.ValueKind == JsonValueKind.Array
                    ? rule.EnumerateArray().Any(type => Is(value, type.GetString()!))
                    : Is(value, rule.GetString()!),
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.GetDouble(),
                "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.GetDouble(),
                "minItems" => value.GetArrayLength() >= rule.GetInt32(),
                "maxItems" => value.GetArrayLength() <= rule.GetInt32(),
                "pattern" => Regex.IsMatch(value.GetString()!, rule.GetString()!),
                "required" => value.ValueKind != JsonValueKind.Object || rule.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
                "properties" => Properties(schema, value, at, wrong),
                "items" => Items(rule, value, at, wrong),
                _ => throw new NotSupportedException(keyword.Name),
            };
            if (!holds)
            {
                wrong.Add($"{at}: {value} breaks {keyword.Name} {rule}");
            }
        }
    }

    private bool Follow(string reference, JsonElement value, string at, List<string> wrong)
    {
        var target = reference.TrimStart('#', '/').Split('/').Aggregate(_root, (element, name) => element.GetProperty(name));
        Check(target, value, at, wrong);
        return true;
    }

    private bool Properties(JsonElement schema, JsonElement value, string at, List<string> wrong)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                if (schema.GetProperty("properties").TryGetProperty(property.Name, out var rule))
                {
                    Check(rule, property.Value, $"{at}/{property.Name}", wrong);
                }
                else
                {
                    wrong.Add($"{at}/{property.Name} is not in the schema");
                }
            }
        }

        return true;
    }

    private bool Items(JsonElement rule, JsonElement value, string at, List<string> wrong)
    {
        foreach (var item in value.EnumerateArray())
        {
            Check(rule, item, $"{at}[]", wrong);
        }

        return true;
    }

    private static bool Is(JsonElement value, string type) => (type, value.ValueKind) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("null", JsonValueKind.Null) => true,
        ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value.TryGetInt64(out _),
        _ => false,
    };
}
