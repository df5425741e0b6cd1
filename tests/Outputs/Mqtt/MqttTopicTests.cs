using System.Buffers.Binary;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>States, switches, statistics, heatmaps and Home Assistant, as programs on the broker see them.</summary>
[SupportedOSPlatform("linux")]
public sealed class MqttTopicTests : MqttTests
{
    [Fact]
    public async Task Sound_level_and_the_state_of_each_part_are_kept_with_the_broker()
    {
        var health = new Health(new MonotonicClock());
        health.Set("record", online: true);
        var sink = await StartAsync(health: health);
        await OnlineAsync(1);
        await SendAsync(sink, 0, source: true);
        await SendAsync(sink, 0.04, source: true);

        using (var reader = await ReaderAsync("realtimessl/cam/audio/dbfs"))
        {
            await reader.NextAsync("realtimessl/cam/audio/dbfs", p => p == "-23.4");
        }

        using (var late = await ReaderAsync("realtimessl/cam/#"))
        {
            var kept = await RetainedAsync(late, 8);
            Assert.Equal(("ON", "online", "online", "online", "online"), (kept["sound"], kept["status/video"], kept["status/audio"], kept["status/infer"], kept["status/record"]));
            Assert.Equal("-23.4", kept["audio/dbfs"]);
        }

        health.Set("record", online: false, "disk full");
        await SendAsync(sink, 0.08);
        using (var reader = await ReaderAsync("realtimessl/cam/#"))
        {
            var now = new Dictionary<string, string>();
            while ((now.GetValueOrDefault("sound"), now.GetValueOrDefault("audio/dbfs"), now.GetValueOrDefault("status/record")) != ("OFF", "null", "offline"))
            {
                var (topic, payload, _) = await reader.NextAsync();
                now[topic["realtimessl/cam/".Length..]] = payload;
            }
        }

        await sink.FinishAsync(new RunSummary(), Token);
        using var after = await ReaderAsync("realtimessl/cam/status/#");
        Assert.All(await RetainedAsync(after, 4), s => Assert.Equal("offline", s.Value));
    }

    [Fact]
    public async Task Statistics_are_said_regularly()
    {
        using var reader = await ReaderAsync("realtimessl/stats");
        var health = new Health(new MonotonicClock());
        health.Set("record", online: false, "disk full");
        var sink = await StartAsync(settings: Settings() with { StatsSeconds = 1 }, health: health);
        await SendAsync(sink, 0, source: true);

        var (_, payload, _) = await reader.NextAsync();

        Assert.Empty(JsonSchema.Load("stats.json").Check(Encoding.UTF8.GetBytes(payload)));
        using var json = JsonDocument.Parse(payload);
        Assert.Equal(1, json.RootElement.GetProperty("frames").GetInt32());
        Assert.Equal("disk full", json.RootElement.GetProperty("health")[0].GetProperty("why").GetString());
    }

    [Fact]
    public async Task Heatmaps_come_when_they_are_switched_on()
    {
        using var reader = await ReaderAsync("realtimessl/cam/heatmap");
        var sink = await StartAsync();
        await OnlineAsync(1);
        await SendAsync(sink);
        await ListeningAsync("heatmap");
        await reader.SayAsync("realtimessl/cam/heatmap/set", "ON"u8.ToArray());
        using (var state = await ReaderAsync("realtimessl/cam/heatmap/state"))
        {
            await state.NextAsync("realtimessl/cam/heatmap/state", p => p == "ON");
        }

        await SendAsync(sink, 0.04, source: true);

        var (_, bytes, _) = await reader.BytesAsync();
        Assert.Equal("RSLH", Encoding.ASCII.GetString(bytes, 0, 4));
        Assert.Equal((1, 40), (bytes[4], bytes[5]));
        var (rows, cols) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(6)), BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)));
        Assert.Equal((14, 14, 40 + 14 * 14), (rows, cols, bytes.Length));
        Assert.Equal(1ul, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)));
        var captured = DateTime.UnixEpoch.AddMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32)));
        Assert.Equal(Localizations.Origin.AddSeconds(0.04), captured);
        var hottest = bytes.AsSpan(40).IndexOf(bytes.AsSpan(40).ToArray().Max());
        Assert.Equal((6, 6), (hottest / 14, hottest % 14));
        Assert.Equal(179, bytes[40 + hottest]);
    }

    [Fact]
    public async Task A_switch_is_after_a_restart_as_it_was_left_unless_the_configuration_has_changed()
    {
        var detection = new Switch("detection", true);
        using var reader = await ReaderAsync("realtimessl/cam/detection/state");
        await using (var first = await StartAsync(detection: detection))
        {
            Assert.Equal("ON", (await reader.NextAsync()).Payload);
            await ListeningAsync("detection");
            await reader.SayAsync("realtimessl/cam/detection/set", "perhaps"u8.ToArray());
            await reader.SayAsync("realtimessl/cam/detection/set", "off"u8.ToArray());
            Assert.Equal("OFF", (await reader.NextAsync()).Payload);
            Assert.Equal(1, Counters["mqtt.commands.refused"].Value);
            await first.FinishAsync(new RunSummary(), Token);
        }

        var again = new Switch("detection", true);
        await using (await StartAsync(detection: again))
        {
            Assert.False(again.IsOn);
            Assert.Equal("OFF", (await reader.NextAsync()).Payload);
        }

        var reconfigured = new Switch("detection", false);
        await using (await StartAsync(detection: reconfigured))
        {
            Assert.False(reconfigured.IsOn);
        }
    }

    [Fact]
    public async Task Recording_is_switched_and_where_nothing_can_be_recorded_it_stays_off()
    {
        var recording = new Switch("recording", false);
        using var reader = await ReaderAsync("realtimessl/cam/recording/state");
        using var home = await ReaderAsync("homeassistant/device/+/config");
        await StartAsync(switches: [recording]);
        Assert.Equal("OFF", (await reader.NextAsync()).Payload);
        using (var offer = JsonDocument.Parse((await home.NextAsync()).Payload))
        {
            var part = offer.RootElement.GetProperty("cmps").GetProperty("recording");
            Assert.Equal(("switch", "realtimessl/cam/recording/set"), (part.GetProperty("p").GetString(), part.GetProperty("command_topic").GetString()));
        }

        await ListeningAsync("recording");
        await reader.SayAsync("realtimessl/cam/recording/set", "ON"u8.ToArray());
        Assert.Equal("ON", (await reader.NextAsync()).Payload);
        Assert.True(recording.IsOn);
        using (var late = await ReaderAsync("realtimessl/cam/recording/state"))
        {
            var (_, payload, retained) = await late.NextAsync();
            Assert.Equal(("ON", true), (payload, retained));
        }

        recording.Block("there is no FFmpeg");
        Assert.Equal("OFF", (await reader.NextAsync()).Payload);
        await reader.SayAsync("realtimessl/cam/recording/set", "ON"u8.ToArray());
        await UntilAsync(() => Counters["mqtt.commands.refused"].Value == 1);
        Assert.Contains(Log.Lines, l => l.Line.Contains("there is no FFmpeg", StringComparison.Ordinal));
        Assert.False(recording.IsOn);
    }

    [Fact]
    public async Task The_model_chosen_over_mqtt_is_chosen_again_after_a_restart()
    {
        var models = new ChoiceOfModels("synchrony", "tiny");
        using var reader = await ReaderAsync("realtimessl/cam/model/state");
        await using (await StartAsync(models: models))
        {
            await ListeningAsync("model");
            await reader.SayAsync("realtimessl/cam/model/set", "tiny"u8.ToArray());
            await UntilAsync(() => models.Selected == "tiny" && File.Exists(Path.Combine(Settings().Folder, "realtimessl_cam.switches")));
        }

        var again = new ChoiceOfModels("synchrony", "tiny");
        await StartAsync(models: again);

        await UntilAsync(() => again.Selected == "tiny");
    }

    [Fact]
    public async Task Home_assistant_is_told_what_there_is_again_when_it_comes_up_and_to_forget_it()
    {
        const string topic = "homeassistant/device/realtimessl_cam/config";
        using var reader = await ReaderAsync("homeassistant/device/#");
        await StartAsync(models: new ChoiceOfModels("synchrony", "tiny"), detection: new Switch("detection", true));

        var (_, payload, _) = await reader.NextAsync(topic);
        Assert.Empty(JsonSchema.Load("discovery.json").Check(Encoding.UTF8.GetBytes(payload)));
        using (var json = JsonDocument.Parse(payload))
        {
            var parts = json.RootElement.GetProperty("cmps");
            Assert.Equal(["synchrony", "tiny"], parts.GetProperty("model").GetProperty("options").EnumerateArray().Select(o => o.GetString()));
            var names = parts.EnumerateObject().Select(p => p.Value.GetProperty("unique_id").GetString()).ToList();
            Assert.Equal(names.Count, names.Distinct().Count());

            // Whatever Home Assistant is sent to is there.
            var offered = parts.EnumerateObject().Where(p => p.Value.TryGetProperty("command_topic", out _)).Select(p => p.Name);
            Assert.Equal(["detection", "discovery", "heatmap", "model"], offered.Order());
        }

        await ListeningAsync("homeassistant/status", whole: true);
        await reader.SayAsync("homeassistant/status", "online"u8.ToArray());
        Assert.Equal(payload, (await reader.NextAsync(topic)).Payload);

        await ListeningAsync("discovery");
        await reader.SayAsync("realtimessl/cam/discovery/set", "OFF"u8.ToArray());
        Assert.Equal("", (await reader.NextAsync(topic)).Payload);
        using var late = await ReaderAsync("homeassistant/#");
        await late.SayAsync("homeassistant/end", [1]);
        Assert.Equal("homeassistant/end", (await late.NextAsync()).Topic);
    }

    [Fact]
    public async Task A_broker_that_forgot_everything_is_told_everything_again()
    {
        await StartAsync(models: new ChoiceOfModels("synchrony"), detection: new Switch("detection", true));
        await OnlineAsync(1);
        Broker.Kill();
        await Broker.RestartAsync(Token);
        await OnlineAsync(2);

        using var reader = await ReaderAsync("#");
        var kept = new HashSet<string>();
        while (kept.Count < 12)
        {
            var (topic, _, retained) = await reader.NextAsync();
            if (retained)
            {
                kept.Add(topic);
            }
        }

        Assert.Contains("realtimessl/available", kept);
        Assert.Contains("homeassistant/device/realtimessl_cam/config", kept);
        Assert.Contains("realtimessl/cam/detection/state", kept);
    }

    private static async Task<Dictionary<string, string>> RetainedAsync(Reader reader, int count)
    {
        var kept = new Dictionary<string, string>();
        while (kept.Count < count)
        {
            var (topic, payload, retained) = await reader.NextAsync();
            if (retained)
            {
                kept[topic["realtimessl/cam/".Length..]] = payload;
            }
        }

        return kept;
    }

    // A command before we listen is nobody's.
    private Task ListeningAsync(string name, bool whole = false) =>
        UntilAsync(() => Broker.Log.Contains(whole ? $"\t{name} (QoS" : $"\trealtimessl/cam/{name}/set (QoS", StringComparison.Ordinal));
}
