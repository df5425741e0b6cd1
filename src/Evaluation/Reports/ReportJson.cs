using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Reports;

/// <summary>Reads and writes report.json.</summary>
public static class ReportJson
{
    /// <summary>Its name in the output folder.</summary>
    public const string FileName = "report.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = new FieldsOwnNames(),
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new NullForNaN(), new UpsamplingName() },
    };

    /// <summary>Writes it, whole or not at all.</summary>
    public static void Write(string path, EvaluationReport report)
    {
        var fresh = path + ".new";
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(report, Options));
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Reads the report of a folder, or the file itself.</summary>
    /// <exception cref="EvaluationException">There is none.</exception>
    public static EvaluationReport Read(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        try
        {
            return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllBytes(file), Options) is { Schema: EvaluationReport.CurrentSchema } report
                ? report
                : throw new EvaluationException($"{file}: no report of this program (schema '{EvaluationReport.CurrentSchema}')");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            throw new EvaluationException($"{file}: {(e is JsonException ? "no report of this program" : "not there")}; ./realtimessl evaluate --out DIR writes one", e);
        }
    }

    /// <summary>snake_case, but for the field's own words: ciou, iiou, iauc, miou.</summary>
    private sealed class FieldsOwnNames : JsonNamingPolicy
    {
        public override string ConvertName(string name)
        {
            foreach (var word in new[] { "CIoU", "IIoU", "MIoU", "IAuc", "IoU" })
            {
                name = name.Replace(word, word[0] + word[1..].ToLowerInvariant(), StringComparison.Ordinal);
            }

            return SnakeCaseLower.ConvertName(name);
        }
    }

    private sealed class NullForNaN : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    private sealed class UpsamplingName : JsonConverter<HeatmapUpsampling>
    {
        public override HeatmapUpsampling Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            HeatmapUpsampling.ById(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, HeatmapUpsampling value, JsonSerializerOptions options) => writer.WriteStringValue(value.Id);
    }
}
