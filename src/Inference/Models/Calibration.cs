using System.Text.Json;

namespace RealtimeSsl.Inference.Models;

/// <summary>
/// <c>calibration.json</c> of a package, which <c>evaluate --write-calibration</c> makes: how likely sound and picture belong together, given the score of the
/// best cell before any stretch: 1 / (1 + exp(-(slope score + intercept))) (Platt). Fitted on clips with their own sound against other clips' and
/// noise, both sides weighing the same.
/// </summary>
public sealed record Calibration
{
    /// <summary>Its name in a package.</summary>
    public const string FileName = "calibration.json";

    /// <summary>The schema that this program reads.</summary>
    public const string CurrentSchema = "realtimessl/calibration-1";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        IgnoreReadOnlyProperties = true,
        WriteIndented = true,
    };

    /// <summary><see cref="CurrentSchema"/>.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Per unit of the raw score; above 0.</summary>
    public required double Slope { get; init; }

    /// <summary>Log odds at score 0.</summary>
    public required double Intercept { get; init; }

    /// <summary>What it was fitted on.</summary>
    public required string Data { get; init; }

    /// <summary>Pairs of a picture and its own sound.</summary>
    public required int Own { get; init; }

    /// <summary>Pairs of a picture and a sound that is not its own.</summary>
    public required int Foreign { get; init; }

    /// <summary>How often an own pair scores above a foreign one, 0.5 to 1: how much presence can be trusted at all.</summary>
    public required double Roc { get; init; }

    /// <summary>The raw score of even odds.</summary>
    public double Even => -Intercept / Slope;

    /// <summary>The calibration of a package; null if it has none.</summary>
    /// <exception cref="InferenceException">It is not as it must be.</exception>
    public static Calibration? Of(ModelPackage package)
    {
        if (!package.Manifest.Files.ContainsKey(FileName))
        {
            return null;
        }

        var path = Path.Combine(package.Folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<Calibration>(package.Read(FileName), Options) is { Schema: CurrentSchema, Slope: > 0 } read && double.IsFinite(read.Even)
                ? read
                : throw new InferenceException($"{path}: schema must be '{CurrentSchema}', slope above 0, all numbers finite; write it again with evaluate --write-calibration");
        }
        catch (JsonException e)
        {
            throw new InferenceException($"{path}:{e.LineNumber + 1}: {e.Message.Split(" Path:")[0]}; write it again with evaluate --write-calibration", e);
        }
    }

    /// <summary>How likely sound and picture belong together, 0..1.</summary>
    /// <param name="score">The best raw score, or the head's own evidence.</param>
    public double Presence(double score) => 1 / (1 + Math.Exp(-(Slope * score + Intercept)));

    /// <summary>As a file.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Options);
}
