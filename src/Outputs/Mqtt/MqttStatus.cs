using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// How the run is doing, retained: <c>status/{video,audio,infer,record}</c> (<c>online</c>, <c>offline</c> or <c>disabled</c>), <c>sound</c> (<c>ON</c> while a
/// source is found), <c>audio/dbfs</c> (<c>null</c> when silent), <c>stats</c>. It tells what comes out, not what is started: video is online while pictures come.
/// </summary>
internal sealed class MqttStatus
{
    /// <summary>Value of <c>schema</c> in <c>stats</c>: the name and the version of this format.</summary>
    public const string Schema = "realtimessl/stats/1";

    /// <summary>How often the states are looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    // Without a picture for this long, there is no video.
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly StreamInfo _stream;
    private readonly MqttLink _link;
    private readonly string _prefix;
    private readonly string _camera;
    private readonly IClock _clock;
    private readonly Counters _counters;
    private readonly Health? _health;
    private readonly Switch? _detection;
    private readonly Func<int> _waiting;
    private readonly TimeSpan _statsEvery;
    private readonly Dictionary<string, string> _said = [];
    private readonly List<double> _latencies = [];
    private readonly TimeSpan _began;
    private TimeSpan? _lastFrame;
    private TimeSpan _lastStats;
    private LocalizerInfo _model;
    private double? _dbfs;
    private bool _audio;
    private long _frames;
    private long _framesBefore;

    /// <summary>Makes it and says the first states.</summary>
    /// <param name="stream">What runs.</param>
    /// <param name="link">The broker.</param>
    /// <param name="topics">Prefix, and the camera's root below it.</param>
    /// <param name="statsEvery">How often <c>stats</c> is said.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="counters">What <c>stats</c> tells.</param>
    /// <param name="health">How the recorder is; null if there is none.</param>
    /// <param name="detection">Whether sources are looked for; null: always.</param>
    /// <param name="waiting">How many events wait for the broker.</param>
    public MqttStatus(
        StreamInfo stream, MqttLink link, (string Prefix, string Camera) topics, TimeSpan statsEvery, IClock clock, Counters counters, Health? health,
        Switch? detection, Func<int> waiting)
    {
        (_stream, _link, (_prefix, _camera), _statsEvery, _clock, _counters) = (stream, link, topics, statsEvery, clock, counters);
        (_health, _detection, _waiting, _model) = (health, detection, waiting, stream.Model);
        (_began, _lastStats) = (clock.Now, clock.Now);
        Say("sound", "OFF");
        Tick();
    }

    /// <summary>Takes a localization into account.</summary>
    public void Add(Localization found)
    {
        lock (_gate)
        {
            (_lastFrame, _dbfs, _audio, _model) = (_clock.Now, found.Audio?.Dbfs, found.Audio is not null, found.Model);
            _frames++;
            if (_latencies.Count < 4096)
            {
                _latencies.Add(found.Latency.Total);
            }

            Say("sound", MqttSwitch.Word(found.Sources.Count > 0));
        }
    }

    /// <summary>Looks at the states, and says what changed.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            var now = _clock.Now;
            var video = _lastFrame is { } last && now - last < Gone;
            Say("status/video", Word(video));
            Say("status/audio", _stream.Audio is null ? "disabled" : Word(video && _audio));
            Say("status/infer", _detection is { IsOn: false } ? "disabled" : Word(video));
            Say("status/record", Record());
            Say("audio/dbfs", video && _dbfs is { } level && double.IsFinite(level) ? level.ToString("0.0", CultureInfo.InvariantCulture) : "null");
            if (!video)
            {
                Say("sound", "OFF");
            }

            if (now - _lastStats >= _statsEvery)
            {
                SayStats(now);
            }
        }
    }

    /// <summary>The run is over: nothing of it is online.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            SayStats(_clock.Now);
            Say("sound", "OFF");
            Say("audio/dbfs", "null");
            foreach (var part in (string[])["video", "audio", "infer", "record"])
            {
                Say($"status/{part}", _said[$"status/{part}"] == "disabled" ? "disabled" : "offline");
            }
        }
    }

    // One per layer: record, record_source.
    private string Record()
    {
        var layers = _health?.All.Where(h => h.Key.StartsWith("record", StringComparison.Ordinal)).ToList();
        return layers is not { Count: > 0 } ? "disabled" : Word(layers.TrueForAll(l => l.Value.Online));
    }

    private static string Word(bool online) => online ? "online" : "offline";

    private void Say(string topic, string word)
    {
        if (_said.GetValueOrDefault(topic) != word)
        {
            _said[topic] = word;
            _link.Keep($"{_camera}/{topic}", Encoding.ASCII.GetBytes(word));
        }
    }

    private void SayStats(TimeSpan now)
    {
        var seconds = (now - _lastStats).TotalSeconds;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("camera", _stream.Camera);
            json.WriteString("time", _clock.ToUtc(now).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteNumber("uptime_s", Math.Round((now - _began).TotalSeconds, 1));
            json.WriteNumber("frames", _frames);
            json.WriteNumber("fps", seconds > 0 ? Math.Round((_frames - _framesBefore) / seconds, 2) : 0);
            WriteLatency(json);
            FrameMessage.Model(json, _model);
            json.WriteNumber("events_waiting", _waiting());
            WriteHealth(json);
            WriteCounters(json);
            json.WriteEndObject();
        }

        (_lastStats, _framesBefore) = (now, _frames);
        _latencies.Clear();
        _link.Keep($"{_prefix}/stats", buffer.WrittenSpan.ToArray());
    }

    private void WriteLatency(Utf8JsonWriter json)
    {
        if (_latencies.Count == 0)
        {
            json.WriteNull("latency_ms");
            return;
        }

        _latencies.Sort();
        json.WriteStartObject("latency_ms");
        foreach (var (name, share) in ((string, double)[])[("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1)])
        {
            // Nearest rank.
            json.WriteNumber(name, Math.Round(_latencies[Math.Max(0, (int)Math.Ceiling(share * _latencies.Count) - 1)], 2));
        }

        json.WriteEndObject();
    }

    private void WriteHealth(Utf8JsonWriter json)
    {
        json.WriteStartArray("health");
        foreach (var (part, state) in _health?.All ?? [])
        {
            json.WriteStartObject();
            json.WriteString("part", part);
            json.WriteBoolean("online", state.Online);
            json.WriteString("why", state.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteCounters(Utf8JsonWriter json)
    {
        json.WriteStartArray("counters");
        foreach (var counter in _counters.All.Where(c => c.Value > 0))
        {
            json.WriteStartObject();
            json.WriteString("name", counter.Name);
            json.WriteNumber("value", counter.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
