using System.Buffers;
using System.Globalization;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The frame message: what was found in one frame, as one JSON object. The same bytes are a line of <c>detections.jsonl</c>, an MQTT message
/// and a message of the live page. Described by <c>docs/schemas/frame.json</c>. One instance per sink: its buffers are reused.
/// </summary>
public sealed class FrameMessage : IDisposable
{
    /// <summary>Value of <c>schema</c>: the name and the version of this format.</summary>
    public const string Schema = "realtimessl/frame/1";

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes an empty message.</summary>
    public FrameMessage() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

    /// <summary>The message last written; valid until the next one.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.WrittenMemory[..^1];

    /// <summary>The same with a line feed at its end.</summary>
    public ReadOnlyMemory<byte> Line => _buffer.WrittenMemory;

    /// <summary>Writes the message for one localization.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="camera">Name of the camera.</param>
    /// <returns>This, with <see cref="Message"/> and <see cref="Line"/> set.</returns>
    public FrameMessage Write(Localization found, string camera)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("schema"u8, Schema);
        _json.WriteString("camera"u8, camera);
        _json.WriteNumber("seq"u8, found.Seq);
        Number("media_time"u8, found.MediaTime, 6);
        Utc("captured_at"u8, found.CapturedAt);
        Utc("published_at"u8, found.PublishedAt);
        Latency(found.Latency);
        Audio(found.Audio);
        _json.WriteStartObject("resolution"u8);
        _json.WriteNumber("width"u8, found.Frame.Width);
        _json.WriteNumber("height"u8, found.Frame.Height);
        _json.WriteEndObject();
        Model(_json, found.Model);
        Number("presence"u8, found.Presence, 4);
        _json.WriteString("why"u8, found.Why);
        _json.WriteStartArray("sources"u8);

        // By index: an enumerator of an interface would be garbage on every frame.
        for (var i = 0; i < found.Sources.Count; i++)
        {
            Source(found.Sources[i]);
        }

        _json.WriteEndArray();
        _json.WriteStartObject("dropped"u8);
        for (var i = 0; i < found.Dropped.Count; i++)
        {
            _json.WriteNumber(found.Dropped[i].Cause, found.Dropped[i].Count);
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>The identity of a localizer, as it stands in frame messages and in the summary.</summary>
    internal static void Model(Utf8JsonWriter json, LocalizerInfo model)
    {
        json.WriteStartObject("model"u8);
        json.WriteString("name"u8, model.Name);
        json.WriteString("sha256"u8, model.Sha256);
        json.WriteStartObject("device"u8);
        json.WriteString("requested"u8, model.Device.Requested);
        json.WriteString("effective"u8, model.Device.Effective);
        json.WriteString("why"u8, model.Device.Why);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Latency(in StageLatency latency)
    {
        _json.WriteStartObject("latency_ms"u8);
        Number("capture"u8, latency.Capture, 2);
        Number("align"u8, latency.Align, 2);
        Number("infer"u8, latency.Infer, 2);
        Number("publish"u8, latency.Publish, 2);
        Number("total"u8, latency.Total, 2);
        _json.WriteEndObject();
    }

    private void Audio(AudioSpan? audio)
    {
        if (audio is not { } span)
        {
            _json.WriteNull("audio"u8);
            return;
        }

        _json.WriteStartObject("audio"u8);
        Number("from"u8, span.From.TotalSeconds, 6);
        Number("to"u8, span.To.TotalSeconds, 6);
        Number("dbfs"u8, span.Dbfs, 1);
        Number("offset_ms"u8, span.OffsetMs, 2);
        Number("drift_ppm"u8, span.DriftPpm, 1);
        _json.WriteEndObject();
    }

    private void Source(in SoundSource source)
    {
        _json.WriteStartObject();
        _json.WriteNumber("id"u8, source.Id);
        _json.WriteString("label"u8, source.Label);
        Number("score"u8, source.Score, 4);
        _json.WriteStartArray("box"u8);
        Coordinate(source.Box.X1);
        Coordinate(source.Box.Y1);
        Coordinate(source.Box.X2);
        Coordinate(source.Box.Y2);
        _json.WriteEndArray();
        _json.WriteStartArray("peak"u8);
        Coordinate(source.PeakX);
        Coordinate(source.PeakY);
        _json.WriteEndArray();
        Number("age"u8, source.Age, 3);
        _json.WriteEndObject();
    }

    // Five decimals are a fiftieth of a pixel at 1920: no reader can tell the difference, and lines stay short.
    private void Coordinate(float value) => _json.WriteNumberValue(Math.Round((double)value, 5));

    // JSON has no infinity and no NaN: what is not a number is null, never 0.
    private void Number(ReadOnlySpan<byte> name, double? value, int decimals)
    {
        if (value is { } number && double.IsFinite(number))
        {
            _json.WriteNumber(name, Math.Round(number, decimals));
        }
        else
        {
            _json.WriteNull(name);
        }
    }

    private void Utc(ReadOnlySpan<byte> name, DateTime time)
    {
        Span<char> text = stackalloc char[24];
        time.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        _json.WriteString(name, text[..length]);
    }
}
