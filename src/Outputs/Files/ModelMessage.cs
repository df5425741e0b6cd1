using System.Buffers;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>What is said of the models, over MQTT and by the live page's server. Described by <c>docs/schemas/model.json</c>.</summary>
internal static class ModelMessage
{
    /// <summary>Value of <c>schema</c>: the name and the version of this format.</summary>
    public const string Schema = "realtimessl/model/1";

    /// <summary>Which one runs, and which there are.</summary>
    public static byte[] State(IModelSwitch models) => Write(json =>
    {
        json.WriteString("selected", models.Selected);
        FrameMessage.Model(json, models.Current);
        json.WriteStartArray("available");
        foreach (var name in models.Available)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    });

    /// <summary>Why one was refused.</summary>
    public static byte[] Error(string requested, string error) => Write(json =>
    {
        json.WriteString("requested", requested);
        json.WriteString("error", error);
    });

    private static byte[] Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            body(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
