using System.Globalization;
using System.Text.Json;
using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>Boxes as annotation files write them. Python writes NaN as a bare word or as null or text: all become not a number.</summary>
internal static class JsonNumbers
{
    /// <summary>Four numbers; not a number if it is anything else.</summary>
    public static TruthBox Box(JsonElement value)
    {
        var v = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Number).ToArray() : [];
        return v.Length == 4 ? new TruthBox(v[0], v[1], v[2], v[3]) : new TruthBox(double.NaN, 0, 0, 0);
    }

    /// <summary>One number.</summary>
    public static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String when double.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var number) => number,
        _ => double.NaN,
    };

    /// <summary>Whether it is a list whose first entry has these keys.</summary>
    public static bool ListWith(JsonElement root, params string[] keys) =>
        root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 && root[0].ValueKind == JsonValueKind.Object
        && keys.All(k => root[0].TryGetProperty(k, out _));

    /// <summary>A text of an entry; null if it has none.</summary>
    public static string? Text(JsonElement entry, string key) =>
        entry.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
