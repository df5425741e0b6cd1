using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Models;

/// <summary>Reads and writes <c>model.json</c>: strictly, since a misspelt key that is ignored is a model that runs wrongly.</summary>
internal static class ManifestJson
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    private static readonly JsonSerializerOptions Options = new(Plain)
    {
        Converters =
        {
            new NamedOrSpelledOut<AudioFrontEnd>(AudioFrontEnds.ById, f => f.Id),
            new NamedOrSpelledOut<ImageFrontEnd>(ImageFrontEnds.ById, f => f.Id),
            new NamedOrSpelledOut<HeatmapUpsampling>(HeatmapUpsampling.ById, u => u.Id),
        },
    };

    /// <summary>Reads a manifest.</summary>
    /// <param name="file">Path, for errors.</param>
    /// <param name="utf8">Content.</param>
    /// <exception cref="InferenceException">It is not as it must be: file, line, key, reason.</exception>
    public static ModelManifest Read(string file, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelManifest>(utf8, Options)
                ?? throw new InferenceException($"{file}: 'null' is no manifest");
        }
        catch (JsonException e)
        {
            throw new InferenceException(ManifestErrors.Describe(file, utf8, e), e);
        }
    }

    /// <summary>Writes a manifest.</summary>
    public static byte[] Write(ModelManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Options);

    /// <summary>A front end (or an upsampling) is given by its name, or spelled out.</summary>
    private sealed class NamedOrSpelledOut<T>(Func<string, T> byId, Func<T, string> id) : JsonConverter<T>
        where T : notnull
    {
        public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            try
            {
                return reader.TokenType == JsonTokenType.String
                    ? byId(reader.GetString()!)
                    : JsonSerializer.Deserialize<T>(ref reader, Plain)!;
            }
            catch (Exception e) when (e is ArgumentException or JsonException)
            {
                // Without a position of its own: the outer reader then adds where the front end begins, and the inner one knows the rest.
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            if (IsKnown(value))
            {
                writer.WriteStringValue(id(value));
            }
            else
            {
                JsonSerializer.Serialize(writer, value, Plain);
            }
        }

        private bool IsKnown(T value)
        {
            try
            {
                return byId(id(value)).Equals(value);
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }
}
