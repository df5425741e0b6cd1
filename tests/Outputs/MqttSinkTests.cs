using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using MQTTnet;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>What other programs hear from us through a real broker, and what we do without one.</summary>
[SupportedOSPlatform("linux")]
public sealed class MqttSinkTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Counters _counters = new();
    private readonly LogLines _log = new();
    private readonly Localizations _localizations = new(320, 240);
    private readonly Dictionary<string, string> _environment = [];
    private MosquittoBroker _broker = null!;
    private MqttSink? _sink;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await MosquittoBroker.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        if (_sink is not null)
        {
            await _sink.DisposeAsync();
        }

        await _broker.DisposeAsync();
    }

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

        Assert.Equal(("realtimessl/available", "online", false), await reader.NextAsync());
        for (var i = 0; i < 3; i++)
        {
            var (topic, payload, _) = await reader.NextAsync();
            Assert.Equal("realtimessl/cam/frame", topic);
            Assert.Empty(JsonSchema.Load("frame.json").Check(Encoding.UTF8.GetBytes(payload)));
            using var json = JsonDocument.Parse(payload);
            Assert.Equal(i, json.RootElement.GetProperty("seq").GetInt32());
        }

        Assert.Equal(3, _counters["mqtt.sent"].Value);
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
        _broker.Kill();
        var sink = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(sink);
        }

        Assert.Equal(5, _counters["mqtt.dropped.offline"].Value);
        await UntilAsync(() => _counters["mqtt.failures"].Value >= 3);
        await _broker.RestartAsync(Token);
        using var reader = await ReaderAsync("realtimessl/#");
        await OnlineAsync(1);
        await SendAsync(sink);

        Assert.Equal("online", (await reader.NextAsync()).Payload);
        Assert.Equal("realtimessl/cam/frame", (await reader.NextAsync()).Topic);
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task A_broker_that_restarts_without_memory_hears_online_again()
    {
        var sink = await StartAsync();
        await OnlineAsync(1);
        _broker.Kill();
        await UntilAsync(() => _counters["mqtt.failures"].Value >= 1);
        await SendAsync(sink);
        Assert.Equal(1, _counters["mqtt.dropped.offline"].Value);

        await _broker.RestartAsync(Token);
        await OnlineAsync(2);
        using var reader = await ReaderAsync("realtimessl/#");
        await SendAsync(sink);

        Assert.Equal(("realtimessl/available", "online", true), await reader.NextAsync());
        Assert.Equal("realtimessl/cam/frame", (await reader.NextAsync()).Topic);
    }

    [Fact]
    public async Task A_wrong_password_is_said_once_and_never_shown()
    {
        await using var guarded = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { User = ("camera", "right-secret") });
        _environment["REALTIMESSL_MQTT_USER"] = "camera";
        _environment["REALTIMESSL_MQTT_PASSWORD"] = "wrong-secret";
        var sink = await StartAsync(guarded);
        await UntilAsync(() => _counters["mqtt.failures"].Value >= 4);
        await SendAsync(sink);

        var warning = Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning).Line;
        Assert.Contains("REALTIMESSL_MQTT_PASSWORD", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", string.Concat(_log.Lines), StringComparison.Ordinal);
        Assert.Equal(1, _counters["mqtt.dropped.offline"].Value);
    }

    [Fact]
    public async Task A_password_from_a_file_opens_the_broker()
    {
        await using var guarded = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { User = ("camera", "right-secret") });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["password"], "right-secret\n", Token);
        _environment["REALTIMESSL_MQTT_USER"] = "camera";
        _environment["REALTIMESSL_MQTT_PASSWORD_FILE"] = folder["password"];

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
        var settings = new MqttSettings { Url = $"mqtts://127.0.0.1:{safe.Port}", Authority = folder["wrong.pem"] };

        await using (await StartAsync(safe, settings))
        {
            await UntilAsync(() => _counters["mqtt.failures"].Value >= 2);
            Assert.Equal(0, _counters["mqtt.connects"].Value);
        }

        await StartAsync(safe, settings with { Authority = folder["right.pem"] });

        await OnlineAsync(1);
    }

    [Fact]
    public async Task Another_model_is_asked_for_and_its_state_is_kept_with_the_broker()
    {
        var models = new ChoiceOfModels("synchrony", "tiny", "broken");
        using var reader = await ReaderAsync("realtimessl/cam/model/#");
        await StartAsync(models: models);
        Assert.Equal("synchrony", Selected(await reader.NextAsync()));
        await UntilAsync(() => _broker.Log.Contains("realtimessl/cam/model/set", StringComparison.Ordinal));

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
    }

    [Fact]
    public async Task A_broker_without_memory_is_told_the_model_again_and_can_be_asked_again()
    {
        var models = new ChoiceOfModels("synchrony", "tiny");
        await StartAsync(models: models);
        await OnlineAsync(1);
        _broker.Kill();
        await UntilAsync(() => _counters["mqtt.failures"].Value >= 1);
        await models.RequestAsync("tiny");

        await _broker.RestartAsync(Token);
        await OnlineAsync(2);
        using var reader = await ReaderAsync("realtimessl/cam/model/state");
        Assert.Equal("tiny", Selected(await reader.NextAsync()));
        await UntilAsync(() => _broker.Log.Contains("realtimessl/cam/model/set", StringComparison.Ordinal));
        await reader.SayAsync("realtimessl/cam/model/set", "synchrony"u8.ToArray());
        Assert.Equal("synchrony", Selected(await reader.NextAsync()));
    }

    [Fact]
    public async Task Two_instances_do_not_push_each_other_out()
    {
        await using var other = await StartAsync();
        await OnlineAsync(1);
        await StartAsync();
        await OnlineAsync(2);

        using var reader = await ReaderAsync("realtimessl/+/frame");
        await SendAsync(other);
        await SendAsync(_sink!);
        await reader.NextAsync();
        await reader.NextAsync();

        Assert.Equal((2, 0), (_counters["mqtt.connects"].Value, _counters["mqtt.failures"].Value));
    }

    [Theory]
    [InlineData("broker", "mqtt://HOST")]
    [InlineData("http://broker", "mqtt://HOST")]
    [InlineData("mqtt://", "mqtt://HOST")]
    [InlineData("mqtt://me:topsecret@broker", "REALTIMESSL_MQTT_PASSWORD")]
    public void A_wrong_address_is_said_before_the_run(string url, string wayOut)
    {
        var error = Assert.Throws<OutputException>(() => new MqttSink(new MqttSettings { Url = url }, _counters, _log));

        Assert.Contains(wayOut, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_that_cannot_be_read_is_said_before_the_run()
    {
        var settings = new MqttSettings { Url = "mqtts://broker", Authority = "/nowhere/ca.pem" };

        var error = Assert.Throws<OutputException>(() => new MqttSink(settings, _counters, _log));

        Assert.Contains("/nowhere/ca.pem", error.Message, StringComparison.Ordinal);
    }

    private static string? Selected((string Topic, string Payload, bool Retained) message)
    {
        Assert.EndsWith("/model/state", message.Topic, StringComparison.Ordinal);
        Assert.Empty(JsonSchema.Load("model.json").Check(Encoding.UTF8.GetBytes(message.Payload)));
        using var json = JsonDocument.Parse(message.Payload);
        return json.RootElement.GetProperty("selected").GetString();
    }

    private async Task<MqttSink> StartAsync(MosquittoBroker? broker = null, MqttSettings? settings = null, IModelSwitch? models = null)
    {
        settings ??= new MqttSettings { Url = $"mqtt://{_broker.Host}:{(broker ?? _broker).Port}" };
        var sink = new MqttSink(settings, _counters, _log, _environment.GetValueOrDefault) { Models = models };
        await sink.StartAsync(Localizations.Stream("", 320, 240), Token);
        return _sink = sink;
    }

    private async Task SendAsync(MqttSink sink)
    {
        using var found = _localizations.Next(0);
        await sink.WriteAsync(found, Token);
    }

    private Task OnlineAsync(int times) => UntilAsync(() => _counters["mqtt.connects"].Value >= times);

    private async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"not within {Patience}: {string.Join("; ", _log.Lines)}");
            await Task.Delay(10, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Reader> ReaderAsync(string filter)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var inbox = Channel.CreateUnbounded<(string, string, bool)>();
        client.ApplicationMessageReceivedAsync += received =>
        {
            var message = received.ApplicationMessage;
            return inbox.Writer.WriteAsync((message.Topic!, message.ConvertPayloadToString()!, message.Retain)).AsTask();
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(_broker.Host, _broker.Port).WithTimeout(Patience).Build(), Token);
        await client.SubscribeAsync(filter, cancellationToken: Token);
        return new Reader(client, inbox.Reader);
    }

    private sealed record Reader(IMqttClient Client, ChannelReader<(string Topic, string Payload, bool Retained)> Inbox) : IDisposable
    {
        public async Task<(string Topic, string Payload, bool Retained)> NextAsync() =>
            await Inbox.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);

        public Task<MqttClientPublishResult> SayAsync(string topic, byte[] payload) =>
            Client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).Build(), Token);

        public void Dispose() => Client.Dispose();
    }
}
