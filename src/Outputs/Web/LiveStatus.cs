using System.Buffers;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// How the run is doing, for the page and for <c>/api/status</c>: what is running, the last frame message, rates, counters. Updated by the sink's
/// worker, read by whoever asks.
/// </summary>
internal sealed class LiveStatus(
    StreamInfo stream, IClock clock, Counters counters, Func<int> viewers, Health? health = null, Func<IDetectorSwitch?>? detector = null, Switch? recording = null)
    : IDisposable
{
    /// <summary>Value of <c>schema</c> in <c>/api/status</c>: the name and the version of this format.</summary>
    public const string Schema = "realtimessl/status/1";

    /// <summary>Rates and counters are for people: twice a second is as fast as one reads.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly FrameMessage _message = new();
    private readonly FrameRate _rate = new();
    private readonly ArrayBufferWriter<byte> _live = new(2048);
    private TimeSpan _nextLive = TimeSpan.MinValue;
    private LocalizerInfo _model = stream.Model;
    private bool _recorded;
    private bool _any;

    /// <summary>The last frame message. Only for the thread that calls <see cref="Update"/>.</summary>
    public ReadOnlyMemory<byte> Message => _message.Message;

    /// <summary>The running figures as JSON, at most half a second old. Only for the thread that calls <see cref="Update"/>.</summary>
    public ReadOnlyMemory<byte> Live => _live.WrittenMemory;

    /// <summary>Takes a localization into account.</summary>
    public void Update(Localization found)
    {
        lock (_gate)
        {
            var now = clock.Now;
            (_any, _model) = (true, found.Model);
            _message.Write(found, stream.Camera);
            _rate.Add(now, found.Frame.Seq, found.Seq);
            if (now >= _nextLive || recording?.IsOn is { } on && on != _recorded)
            {
                // Whoever presses the button looks for what it does.
                (_nextLive, _recorded) = (now + Period, recording is { IsOn: true });
                _live.ResetWrittenCount();
                using var json = new Utf8JsonWriter(_live);
                WriteLive(json);
            }
        }
    }

    /// <summary>The body of <c>/api/status</c>.</summary>
    public byte[] Snapshot() => Json(WriteStatus);

    /// <summary>The first message to a viewer: <c>{"hello": status}</c>.</summary>
    public byte[] Hello() => Json(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("hello");
        WriteStatus(json);
        json.WriteEndObject();
    });

    /// <summary>The last message to a viewer: <c>{"ended": summary}</c>, the summary as in <c>summary.json</c>.</summary>
    public byte[] Ended(RunSummary summary) => Json(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("ended");
        SummarySink.Write(json, stream, summary);
        json.WriteEndObject();
    });

    /// <summary>Whether it is recorded, since when, and why not: the body of <c>/api/recording</c>.</summary>
    public void WriteRecording(Utf8JsonWriter json)
    {
        if (recording is null)
        {
            json.WriteNullValue();
            return;
        }

        var state = health?["record"] ?? health?["record_source"];
        json.WriteStartObject();
        json.WriteBoolean("on", recording.IsOn);
        json.WriteBoolean("possible", recording.Blocked is null);
        WriteNumber(json, "seconds", recording.IsOn && state is { Online: true } ? (clock.Now - state.Since).TotalSeconds : null);
        json.WriteString("why", recording.Blocked ?? (state is { Online: false } ? state.Why : null));
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public void Dispose() => _message.Dispose();

    /// <summary>A JSON document.</summary>
    internal static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void WriteStatus(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("camera", stream.Camera);
        json.WriteStartObject("video");
        json.WriteString("name", stream.Video.Name);
        json.WriteNumber("width", stream.Video.Width);
        json.WriteNumber("height", stream.Video.Height);
        WriteNumber(json, "fps", stream.Video.Fps);
        json.WriteBoolean("live", stream.Video.Live);
        WriteNumber(json, "seconds", stream.Video.Duration?.TotalSeconds);
        json.WriteEndObject();
        if (stream.Audio is { } audio)
        {
            json.WriteStartObject("audio");
            json.WriteString("name", audio.Name);
            json.WriteNumber("rate", audio.Rate);
            json.WriteNumber("channels", audio.Channels);
            json.WriteBoolean("live", audio.Live);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("audio");
        }

        lock (_gate)
        {
            FrameMessage.Model(json, _model);
            json.WritePropertyName("live");
            WriteLive(json);
            json.WritePropertyName("last");
            if (_any)
            {
                json.WriteRawValue(_message.Message.Span, skipInputValidation: true);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndObject();
    }

    private void WriteLive(Utf8JsonWriter json)
    {
        var (framesIn, processed) = _rate.At(clock.Now);
        json.WriteStartObject();
        WriteNumber(json, "fps_in", framesIn);
        WriteNumber(json, "fps", processed);
        json.WriteNumber("viewers", viewers());
        json.WriteStartObject("health");
        foreach (var (part, state) in health?.All ?? [])
        {
            json.WriteStartObject(part);
            json.WriteBoolean("online", state.Online);
            json.WriteString("why", state.Why);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        WriteNumber(json, "threshold", detector?.Invoke()?.Detector.Threshold);
        json.WritePropertyName("recording");
        WriteRecording(json);
        json.WriteStartObject("counters");
        foreach (var counter in counters.All)
        {
            if (counter.Value > 0)
            {
                json.WriteNumber(counter.Name, counter.Value);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, Math.Round(number, 2));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
