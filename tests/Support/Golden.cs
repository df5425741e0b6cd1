using System.Text.Json;

namespace RealtimeSsl.Tests.Support;

/// <summary>Expected numbers (tests/Golden), and the counter hash from which their inputs were made: no random library is needed.</summary>
public static class Golden
{
    /// <summary>A file of expected numbers.</summary>
    public static JsonElement Load(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".json"))).RootElement;

    /// <summary>Number i of the series of that seed, uniform in [low, high).</summary>
    public static double Uniform(uint seed, uint i, double low, double high)
    {
        unchecked
        {
            var x = i + seed * 0x9E3779B9u;
            x = (x ^ x >> 16) * 0x7feb352du;
            x = (x ^ x >> 15) * 0x846ca68bu;
            x ^= x >> 16;
            return low + (high - low) * x / 4294967296.0;
        }
    }

    /// <summary>The numbers of an array.</summary>
    public static double[] Doubles(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
}
