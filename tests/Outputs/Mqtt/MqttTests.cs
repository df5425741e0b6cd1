using System.Runtime.Versioning;
using System.Text;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>A real broker, sinks on it, and readers.</summary>
[SupportedOSPlatform("linux")]
public abstract class MqttTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TemporaryFolder _folder = new();
    private readonly Localizations _localizations = new(320, 240);
    private readonly List<MqttSink> _sinks = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected Counters Counters { get; } = new();

    protected LogLines Log { get; } = new();

    protected Dictionary<string, string> Variables { get; } = [];

    protected MosquittoBroker Broker { get; private set; } = null!;

    protected virtual MosquittoSettings BrokerSettings => new();

    public async ValueTask InitializeAsync() => Broker = await MosquittoBroker.StartAsync(Token, BrokerSettings);

    public async ValueTask DisposeAsync()
    {
        foreach (var sink in _sinks)
        {
            await sink.DisposeAsync();
        }

        await Broker.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected MqttSettings Settings(MosquittoBroker? broker = null) =>
        new() { Url = $"mqtt://127.0.0.1:{(broker ?? Broker).Port}", Folder = _folder["state"] };

    protected async Task<MqttSink> StartAsync(
        MosquittoBroker? broker = null, MqttSettings? settings = null, IModelSwitch? models = null, Switch? detection = null, Health? health = null, bool live = false,
        IReadOnlyList<Switch>? switches = null)
    {
        var sink = new MqttSink(settings ?? Settings(broker), new MonotonicClock(), Counters, Log, Variables.GetValueOrDefault)
        {
            Models = models, Detection = detection, Health = health, Switches = switches ?? [],
        };
        _sinks.Add(sink);
        await sink.StartAsync(Localizations.Stream("", 320, 240, live: live, audio: new AudioInfo("test", 16000, 1, false)), Token);
        return sink;
    }

    protected async Task SendAsync(MqttSink sink, double seconds = 0, bool source = false, int track = 1)
    {
        using var found = _localizations.Next(seconds);
        if (source)
        {
            Localizations.AddSource(found, track, "bell", 0.8f, 0.5f, 0.5f);
        }

        await sink.WriteAsync(found, Token);
    }

    protected Task OnlineAsync(int times) => UntilAsync(() => Counters["mqtt.connects"].Value >= times);

    protected async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"not within {Patience}: {string.Join("; ", Log.Lines)}; {string.Join(", ", Counters.All.Select(c => $"{c.Name} {c.Value}"))}");
            await Task.Delay(10, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <param name="filter">What it subscribes to, QoS 1.</param>
    /// <param name="broker">Where.</param>
    /// <param name="session">With a name, the broker keeps for it what comes while it is away.</param>
    private protected async Task<Reader> ReaderAsync(string filter, MosquittoBroker? broker = null, string? session = null)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var inbox = Channel.CreateUnbounded<(string, byte[], bool)>();
        client.ApplicationMessageReceivedAsync += received =>
        {
            var message = received.ApplicationMessage;
            return inbox.Writer.WriteAsync((message.Topic!, System.Buffers.BuffersExtensions.ToArray(message.Payload), message.Retain)).AsTask();
        };
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", (broker ?? Broker).Port).WithTimeout(Patience)
            .WithProtocolVersion(MqttProtocolVersion.V311).WithCleanSession(session is null);
        await client.ConnectAsync((session is null ? options : options.WithClientId(session)).Build(), Token);
        await client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, Token);
        return new Reader(client, inbox.Reader);
    }

    private protected sealed record Reader(IMqttClient Client, ChannelReader<(string Topic, byte[] Payload, bool Retained)> Inbox) : IDisposable
    {
        public async Task<(string Topic, string Payload, bool Retained)> NextAsync()
        {
            var (topic, payload, retained) = await BytesAsync();
            return (topic, Encoding.UTF8.GetString(payload), retained);
        }

        public async Task<(string Topic, byte[] Payload, bool Retained)> BytesAsync() => await Inbox.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);

        /// <summary>The next message of the topic; others are passed over.</summary>
        public async Task<(string Topic, string Payload, bool Retained)> NextAsync(string topic, Func<string, bool>? wanted = null)
        {
            while (true)
            {
                var message = await NextAsync();
                if (message.Topic == topic && wanted?.Invoke(message.Payload) != false)
                {
                    return message;
                }
            }
        }

        public Task<MqttClientPublishResult> SayAsync(string topic, byte[] payload, bool retain = false) => Client.PublishAsync(
            new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag(retain).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), Token);

        public void Dispose() => Client.Dispose();
    }
}
