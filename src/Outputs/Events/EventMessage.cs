using System.Buffers;
using System.Globalization;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The event message as JSON: a line of <c>events.jsonl</c>, an MQTT message. Described by <c>docs/schemas/event.json</c>. One instance per sink:
/// its buffer is reused.
/// </summary>
public sealed class EventMessage : IDisposable
{
    /// <summary>Value of <c>schema</c>: the name and the version of this format.</summary>
    public const string Schema = "realtimessl/event/1";

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes an empty message.</summary>
    public EventMessage() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

    /// <summary>The message last written; valid until the next one.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.WrittenMemory[..^1];

    /// <summary>The same with a line feed at its end.</summary>
    public ReadOnlyMemory<byte> Line => _buffer.WrittenMemory;

    /// <summary>Writes the message.</summary>
    /// <param name="told">What there is to tell.</param>
    /// <param name="camera">Name of the camera.</param>
    public EventMessage Write(TrackEvent told, string camera)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("schema"u8, Schema);
        _json.WriteString("camera"u8, camera);
        _json.WriteString("type"u8, told.Type switch { TrackEventType.New => "new"u8, TrackEventType.Update => "update"u8, _ => "end"u8 });
        State("before"u8, told.Before);
        State("after"u8, told.After);
        if (told.Context is { } context)
        {
            _json.WriteStartObject("context"u8);
            Array("seconds"u8, context.Seconds, static s => s, 3);
            Array("dbfs"u8, context.Dbfs, static d => d, 1);
            Array("presence"u8, context.Presence, static p => p, 3);
            _json.WriteEndObject();
        }
        else
        {
            _json.WriteNull("context"u8);
        }

        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void State(ReadOnlySpan<byte> name, TrackState? state)
    {
        if (state is null)
        {
            _json.WriteNull(name);
            return;
        }

        _json.WriteStartObject(name);
        _json.WriteString("id"u8, state.Id);
        _json.WriteNumber("track"u8, state.Track);
        _json.WriteString("label"u8, state.Label);
        Number("score"u8, state.Score, 4);
        Number("best_score"u8, state.BestScore, 4);
        Numbers("box"u8, [state.Box.X1, state.Box.Y1, state.Box.X2, state.Box.Y2]);
        Numbers("peak"u8, [state.Peak.X, state.Peak.Y]);
        _json.WriteStartObject("resolution"u8);
        _json.WriteNumber("width"u8, state.Resolution.Width);
        _json.WriteNumber("height"u8, state.Resolution.Height);
        _json.WriteEndObject();
        Utc("start_time"u8, state.StartedAt);
        Utc("end_time"u8, state.EndedAt);
        Number("start_media_time"u8, state.StartMediaTime, 6);
        Number("media_time"u8, state.MediaTime, 6);
        Number("seconds"u8, (state.Last - state.Start).TotalSeconds, 3);
        _json.WriteNumber("frames"u8, state.Frames);
        _json.WriteStartArray("seq"u8);
        _json.WriteNumberValue(state.Seq.First);
        _json.WriteNumberValue(state.Seq.Last);
        _json.WriteEndArray();
        Number("dbfs"u8, state.Dbfs, 1);
        Number("peak_dbfs"u8, state.PeakDbfs, 1);
        _json.WriteEndObject();
    }

    private void Array<T>(ReadOnlySpan<byte> name, IReadOnlyList<T> values, Func<T, double?> number, int decimals)
    {
        _json.WriteStartArray(name);
        foreach (var value in values)
        {
            if (number(value) is { } known && double.IsFinite(known))
            {
                _json.WriteNumberValue(Math.Round(known, decimals));
            }
            else
            {
                _json.WriteNullValue();
            }
        }

        _json.WriteEndArray();
    }

    private void Numbers(ReadOnlySpan<byte> name, ReadOnlySpan<float> values)
    {
        _json.WriteStartArray(name);
        foreach (var value in values)
        {
            _json.WriteNumberValue(Math.Round((double)value, 5));
        }

        _json.WriteEndArray();
    }

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

    private void Utc(ReadOnlySpan<byte> name, DateTime? time) =>
        _json.WriteString(name, time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
