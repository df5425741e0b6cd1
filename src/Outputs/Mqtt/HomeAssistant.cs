using System.Buffers;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Tells Home Assistant what there is, in one message for the whole device (<c>homeassistant/device/OBJECT/config</c>, retained): said again when Home Assistant
/// comes up, taken back with an empty one when the switch <c>discovery</c> is off. Described by <c>docs/schemas/discovery.json</c>.
/// See https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload.
/// </summary>
internal sealed class HomeAssistant : IDisposable
{
    private readonly MqttSettings _settings;
    private readonly MqttLink _link;
    private readonly StreamInfo _stream;
    private readonly string _camera;
    private readonly IReadOnlyList<Switch> _switches;
    private readonly IModelSwitch? _models;
    private readonly Switch _discovery;
    private readonly string _id;

    /// <summary>Says it, and says it again when there is need.</summary>
    /// <param name="settings">Prefixes.</param>
    /// <param name="link">The broker.</param>
    /// <param name="stream">What runs.</param>
    /// <param name="camera">Root of the camera's topics.</param>
    /// <param name="switches">What can be switched.</param>
    /// <param name="models">Which models there are; null if there is no choice.</param>
    /// <param name="discovery">Whether Home Assistant is to know.</param>
    public HomeAssistant(
        MqttSettings settings, MqttLink link, StreamInfo stream, string camera, IReadOnlyList<Switch> switches, IModelSwitch? models, Switch discovery)
    {
        (_settings, _link, _stream, _camera, _switches, _models, _discovery) = (settings, link, stream, camera, switches, models, discovery);
        _id = string.Concat(camera.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '_'));
        _discovery.Changed += Say;
        if (_models is not null)
        {
            _models.Changed += Say;
        }

        link.Commands[$"{settings.DiscoveryPrefix}/status"] = payload =>
        {
            if (payload.AsSpan().SequenceEqual("online"u8))
            {
                Say();
            }
        };
        Say();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _discovery.Changed -= Say;
        if (_models is not null)
        {
            _models.Changed -= Say;
        }
    }

    private void Say() => _link.Keep($"{_settings.DiscoveryPrefix}/device/{_id}/config", _discovery.IsOn ? Message() : []);

    private byte[] Message()
    {
        var version = typeof(HomeAssistant).Assembly.GetName().Version?.ToString(3) ?? "0";
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("dev");
            json.WriteString("ids", _id);
            json.WriteString("name", $"Realtime SSL {_stream.Camera}");
            json.WriteString("mf", "Realtime SSL");
            json.WriteString("mdl", _stream.Video.Name);
            json.WriteString("sw", version);
            json.WriteEndObject();
            json.WriteStartObject("o");
            json.WriteString("name", "realtimessl");
            json.WriteString("sw", version);
            json.WriteEndObject();
            json.WriteString("availability_topic", $"{_settings.Prefix}/available");
            json.WriteNumber("qos", 1);
            json.WriteStartObject("cmps");
            Parts(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void Parts(Utf8JsonWriter json)
    {
        Part(json, "sound", "binary_sensor", "Sound source", ("state_topic", $"{_camera}/sound"), ("device_class", "sound"));
        Part(json, "dbfs", "sensor", "Level", ("state_topic", $"{_camera}/audio/dbfs"), ("unit_of_measurement", "dBFS"), ("state_class", "measurement"),
            ("value_template", "{{ value if value != 'null' else None }}"));
        Part(json, "event", "event", "Sound event", ("state_topic", $"{_camera}/events"), ("event_types", new[] { "new", "update", "end" }),
            ("value_template", "{{ {'event_type': value_json.type, 'id': value_json.after.id, 'label': value_json.after.label, 'score': value_json.after.score, 'box': value_json.after.box} | to_json }}"));
        foreach (var part in (string[])["video", "audio", "infer", "record"])
        {
            Part(json, part, "binary_sensor", $"Status {part}", ("state_topic", $"{_camera}/status/{part}"), ("payload_on", "online"), ("payload_off", "offline"),
                ("device_class", "running"), ("entity_category", "diagnostic"));
        }

        Part(json, "fps", "sensor", "Frames per second", ("state_topic", $"{_settings.Prefix}/stats"), ("value_template", "{{ value_json.fps }}"),
            ("unit_of_measurement", "fps"), ("state_class", "measurement"), ("entity_category", "diagnostic"));
        Part(json, "latency", "sensor", "Latency (p95)", ("state_topic", $"{_settings.Prefix}/stats"),
            ("value_template", "{{ value_json.latency_ms.p95 if value_json.latency_ms else None }}"),
            ("unit_of_measurement", "ms"), ("state_class", "measurement"), ("entity_category", "diagnostic"));
        foreach (var item in _switches)
        {
            Part(json, item.Name, "switch", char.ToUpperInvariant(item.Name[0]) + item.Name[1..],
                ("state_topic", $"{_camera}/{item.Name}/state"), ("command_topic", $"{_camera}/{item.Name}/set"), ("entity_category", "config"));
        }

        if (_models is not null)
        {
            Part(json, "model", "select", "Model", ("state_topic", $"{_camera}/model/state"), ("command_topic", $"{_camera}/model/set"),
                ("value_template", "{{ value_json.selected }}"), ("options", _models.Available.Append(_models.Selected).Distinct().ToArray()), ("entity_category", "config"));
        }
    }

    private void Part(Utf8JsonWriter json, string id, string platform, string name, params ReadOnlySpan<(string Key, object Value)> values)
    {
        json.WriteStartObject(id);
        json.WriteString("p", platform);
        json.WriteString("unique_id", $"{_id}_{id}");
        json.WriteString("name", name);
        foreach (var (key, value) in values)
        {
            if (value is string[] list)
            {
                json.WriteStartArray(key);
                foreach (var item in list)
                {
                    json.WriteStringValue(item);
                }

                json.WriteEndArray();
            }
            else
            {
                json.WriteString(key, (string)value);
            }
        }

        json.WriteEndObject();
    }
}
