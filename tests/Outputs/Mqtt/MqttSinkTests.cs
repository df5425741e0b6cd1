using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>What other programs hear from us through a real broker, and what we do without one.</summary>
[SupportedOSPlatform("linux")]
public sealed class MqttSinkTests : MqttTests
{
    [Fact]
    public async Task Frames_arrive_under_the_cameras_topic()
    {
        using var reader = await ReaderAsync("realtimessl/#");
        var sink = await StartAsync();
        await OnlineAsync(1);

        for (var i = 0; i < 3; i++)
        {
            await SendAsync(sink);
        }

        Assert.Equal(("realtimessl/available", "online", false), await reader.NextAsync("realtimessl/available"));
        for (var i = 0; i < 3; i++)
        {
            var (_, payload, _) = await reader.NextAsync("realtimessl/cam/frame");
            Assert.Empty(JsonSchema.Load("frame.json").Check(Encoding.UTF8.GetBytes(payload)));
            using var json = JsonDocument.Parse(payload);
            Assert.Equal(i, json.RootElement.GetProperty("seq").GetInt32());
        }

        await UntilAsync(() => Counters["mqtt.sent"].Value == 3);
    }

    [Fact]
    public async Task Who_comes_later_still_learns_that_we_are_there_and_that_we_left()
    {
        var sink = await StartAsync();
        await OnlineAsync(1);
        using (var late = await ReaderAsync("realtimessl/available"))
        {
            Assert.Equal(("realtimessl/available", "online", true), await late.NextAsync());
        }

        await sink.FinishAsync(new RunSummary(), Token);

        using var later = await ReaderAsync("realtimessl/available");
        Assert.Equal(("realtimessl/available", "offline", true), await later.NextAsync());
    }

    [Fact]
    public async Task When_the_process_dies_the_broker_says_so()
    {
        using var reader = await ReaderAsync("realtimessl/available");
        var sink = await StartAsync();
        Assert.Equal("online", (await reader.NextAsync()).Payload);

        // No farewell: that is what the broker sees of a killed process.
        await sink.DisposeAsync();

        Assert.Equal("offline", (await reader.NextAsync()).Payload);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_delays_nothing_and_is_found_when_it_comes()
    {
        Broker.Kill();
        var sink = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(sink);
        }

        Assert.Equal(5, Counters["mqtt.dropped.offline"].Value);
        await UntilAsync(() => Counters["mqtt.failures"].Value >= 3);
        await Broker.RestartAsync(Token);
        using var reader = await ReaderAsync("realtimessl/#");
        await OnlineAsync(1);
        await SendAsync(sink);

        Assert.Equal("online", (await reader.NextAsync("realtimessl/available")).Payload);
        await reader.NextAsync("realtimessl/cam/frame");
        Assert.Single(Log.Lines, line => line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task A_broker_that_restarts_without_memory_hears_online_again()
    {
        var sink = await StartAsync();
        await OnlineAsync(1);
        Broker.Kill();
        await UntilAsync(() => Counters["mqtt.failures"].Value >= 1);
        await SendAsync(sink);
        Assert.Equal(1, Counters["mqtt.dropped.offline"].Value);

        await Broker.RestartAsync(Token);
        await OnlineAsync(2);
        using var reader = await ReaderAsync("realtimessl/#");
        await SendAsync(sink);

        Assert.Equal(("realtimessl/available", "online", true), await reader.NextAsync("realtimessl/available"));
        await reader.NextAsync("realtimessl/cam/frame");
    }

    [Fact]
    public async Task A_wrong_password_is_said_once_and_never_shown()
    {
        await using var guarded = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { User = ("camera", "right-secret") });
        Variables["REALTIMESSL_MQTT_USER"] = "camera";
        Variables["REALTIMESSL_MQTT_PASSWORD"] = "wrong-secret";
        var sink = await StartAsync(guarded);
        await UntilAsync(() => Counters["mqtt.failures"].Value >= 4);
        await SendAsync(sink);

        var warning = Assert.Single(Log.Lines, line => line.Level == LogLevel.Warning).Line;
        Assert.Contains("REALTIMESSL_MQTT_PASSWORD", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", string.Concat(Log.Lines), StringComparison.Ordinal);
        Assert.Equal(1, Counters["mqtt.dropped.offline"].Value);
    }

    [Fact]
    public async Task A_password_from_a_file_opens_the_broker()
    {
        await using var guarded = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { User = ("camera", "right-secret") });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["password"], "right-secret\n", Token);
        Variables["REALTIMESSL_MQTT_USER"] = "camera";
        Variables["REALTIMESSL_MQTT_PASSWORD_FILE"] = folder["password"];

        await StartAsync(guarded);

        await OnlineAsync(1);
    }

    [Fact]
    public async Task Over_TLS_only_a_broker_of_the_given_authority_is_trusted()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["right.pem"], certificates.Authority.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(folder["wrong.pem"], others.Authority.ExportCertificatePem(), Token);
        await using var safe = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { Certificates = certificates });
        var settings = Settings(safe) with { Url = $"mqtts://127.0.0.1:{safe.Port}", Authority = folder["wrong.pem"] };

        await using (await StartAsync(safe, settings))
        {
            await UntilAsync(() => Counters["mqtt.failures"].Value >= 3);
            var warning = Assert.Single(Log.Lines, line => line.Level == LogLevel.Warning).Line;
            Assert.Contains("certificate", warning, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(0, Counters["mqtt.connects"].Value);
        }

        await StartAsync(safe, settings with { Authority = folder["right.pem"] });

        await OnlineAsync(1);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task A_broker_that_asks_for_a_certificate_is_shown_ours(string version)
    {
        using var certificates = new TestCertificates();
        using var folder = new TemporaryFolder();
        using var key = certificates.Client.GetRSAPrivateKey()!;
        await File.WriteAllTextAsync(folder["ca.pem"], certificates.Authority.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(folder["me.pem"], certificates.Client.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(folder["me.key"], key.ExportPkcs8PrivateKeyPem(), Token);
        var user = ("camera", "right-secret");
        await using var safe = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { Certificates = certificates, RequireClientCertificate = true, User = user });
        await File.WriteAllTextAsync(folder["password"], "right-secret\n", Token);
        var settings = Settings(safe) with { Url = $"mqtts://localhost:{safe.Port}", Authority = folder["ca.pem"], Version = version, User = "camera", PasswordFile = folder["password"] };

        await using (await StartAsync(safe, settings))
        {
            await UntilAsync(() => Counters["mqtt.failures"].Value >= 2);
            Assert.Equal(0, Counters["mqtt.connects"].Value);
        }

        await StartAsync(safe, settings with { Certificate = folder["me.pem"], Key = folder["me.key"] });

        await OnlineAsync(1);
    }

    [Fact]
    public async Task What_the_access_list_refuses_is_said_once_and_stops_nothing_else()
    {
        var open = "topic readwrite realtimessl/#\ntopic deny realtimessl/cam/events\ntopic read homeassistant/#";
        await using var guarded = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { AccessControl = open });
        using var reader = await ReaderAsync("realtimessl/#", guarded);
        var sink = await StartAsync(guarded);
        await OnlineAsync(1);
        await SendAsync(sink, source: true);
        await UntilAsync(() => Counters["mqtt.refused"].Value >= 4);
        await SendAsync(sink);

        await reader.NextAsync("realtimessl/cam/frame");
        await reader.NextAsync("realtimessl/cam/frame");
        var warnings = Log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Line).ToList();
        Assert.Single(warnings, w => w.Contains("realtimessl/cam/events", StringComparison.Ordinal) && w.Contains("access list", StringComparison.Ordinal));
        Assert.Equal(0, Counters["mqtt.events.sent"].Value);
        Assert.Equal(1, Counters["mqtt.connects"].Value);
    }

    [Fact]
    public async Task Another_model_is_asked_for_and_its_state_is_kept_with_the_broker()
    {
        var models = new ChoiceOfModels("synchrony", "tiny", "broken");
        using var reader = await ReaderAsync("realtimessl/cam/model/#");
        await StartAsync(models: models);
        Assert.Equal("synchrony", Selected(await reader.NextAsync()));
        await UntilAsync(() => Broker.Log.Contains("realtimessl/cam/model/set", StringComparison.Ordinal));

        await reader.SayAsync("realtimessl/cam/model/set", "tiny"u8.ToArray());
        Assert.Equal("realtimessl/cam/model/set", (await reader.NextAsync()).Topic);
        Assert.Equal("tiny", Selected(await reader.NextAsync()));
        using (var late = await ReaderAsync("realtimessl/cam/model/state"))
        {
            var state = await late.NextAsync();
            Assert.Equal(("tiny", true), (Selected(state), state.Retained));
        }

        // Nonsense is answered, and changes nothing.
        foreach (var (nonsense, said) in new (byte[], string)[]
        {
            ("nobody"u8.ToArray(), "unknown"), ("broken"u8.ToArray(), "damaged"), ([0xff, 0xfe], "expected the name"), ([], "expected the name"), (new byte[5000], "expected the name"),
        })
        {
            await reader.SayAsync("realtimessl/cam/model/set", nonsense);
            Assert.Equal("realtimessl/cam/model/set", (await reader.NextAsync()).Topic);
            var (topic, payload, retained) = await reader.NextAsync();
            Assert.Equal(("realtimessl/cam/model/error", false), (topic, retained));
            Assert.Contains(said, payload, StringComparison.Ordinal);
        }

        Assert.Equal("tiny", models.Selected);

        // Said once, counted each time.
        Assert.Equal(3, Counters["mqtt.commands.refused"].Value);
        Assert.Single(Log.Lines, l => l.Line.Contains("expected the name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broker_without_memory_is_told_the_model_again_and_can_be_asked_again()
    {
        var models = new ChoiceOfModels("synchrony", "tiny");
        await StartAsync(models: models);
        await OnlineAsync(1);
        Broker.Kill();
        await UntilAsync(() => Counters["mqtt.failures"].Value >= 1);
        await models.RequestAsync("tiny");

        await Broker.RestartAsync(Token);
        await OnlineAsync(2);
        using var reader = await ReaderAsync("realtimessl/cam/model/state");
        Assert.Equal("tiny", Selected(await reader.NextAsync()));
        await UntilAsync(() => Broker.Log.Contains("realtimessl/cam/model/set", StringComparison.Ordinal));
        await reader.SayAsync("realtimessl/cam/model/set", "synchrony"u8.ToArray());
        Assert.Equal("synchrony", Selected(await reader.NextAsync()));
    }

    [Fact]
    public async Task Two_instances_do_not_push_each_other_out()
    {
        var other = await StartAsync(settings: Settings() with { Prefix = "home/door" });
        await OnlineAsync(1);
        var own = await StartAsync(settings: Settings() with { Prefix = "home/hall" });
        await OnlineAsync(2);

        using var reader = await ReaderAsync("home/+/cam/frame");
        await SendAsync(other);
        await SendAsync(own);
        await reader.NextAsync();
        await reader.NextAsync();

        Assert.Equal((2, 0), (Counters["mqtt.connects"].Value, Counters["mqtt.failures"].Value));
    }

    [Fact]
    public async Task Two_runs_under_the_same_topics_are_one_too_many()
    {
        await StartAsync();

        var error = await Assert.ThrowsAsync<OutputException>(() => StartAsync());

        Assert.Contains("mqtt.prefix", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broker", "mqtt://HOST")]
    [InlineData("http://broker", "mqtt://HOST")]
    [InlineData("mqtt://", "mqtt://HOST")]
    [InlineData("embedded:70000", "embedded:PORT")]
    [InlineData("mqtt://me:topsecret@broker", "REALTIMESSL_MQTT_PASSWORD")]
    public void A_wrong_address_is_said_before_the_run(string url, string wayOut)
    {
        var error = Assert.Throws<OutputException>(() => new MqttSink(new MqttSettings { Url = url }, new MonotonicClock(), Counters, Log));

        Assert.Contains(wayOut, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_that_cannot_be_read_is_said_before_the_run()
    {
        var settings = new MqttSettings { Url = "mqtts://broker", Authority = "/nowhere/ca.pem" };

        var error = Assert.Throws<OutputException>(() => new MqttSink(settings, new MonotonicClock(), Counters, Log));

        Assert.Contains("/nowhere/ca.pem", error.Message, StringComparison.Ordinal);
    }

    private static string? Selected((string Topic, string Payload, bool Retained) message)
    {
        Assert.EndsWith("/model/state", message.Topic, StringComparison.Ordinal);
        Assert.Empty(JsonSchema.Load("model.json").Check(Encoding.UTF8.GetBytes(message.Payload)));
        using var json = JsonDocument.Parse(message.Payload);
        return json.RootElement.GetProperty("selected").GetString();
    }
}
