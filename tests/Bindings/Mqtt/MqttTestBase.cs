using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using RealtimeSsl.Tests.Support;
using Xunit;

namespace RealtimeSsl.Tests.Bindings.Mqtt;

/// <summary>Short ways to a client and to what it is told.</summary>
public abstract class MqttTestBase
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MqttProtocolVersion> Versions => [MqttProtocolVersion.V311, MqttProtocolVersion.V500];

    protected static MqttClientOptionsBuilder Options(MosquittoBroker broker, MqttProtocolVersion version = MqttProtocolVersion.V500) =>
        new MqttClientOptionsBuilder().WithTcpServer(broker.Host, broker.Port).WithProtocolVersion(version).WithTimeout(Patience);

    protected static async Task<IMqttClient> Connect(MqttClientOptions options)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var result = await client.ConnectAsync(options, Token);
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        return client;
    }

    protected static CancellationTokenSource Within(TimeSpan time)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(time);
        return limit;
    }

    /// <summary>What arrives at a client, in the order of arrival.</summary>
    protected static ChannelReader<MqttApplicationMessage> Inbox(IMqttClient client)
    {
        var inbox = Channel.CreateUnbounded<MqttApplicationMessage>();
        client.ApplicationMessageReceivedAsync += e => inbox.Writer.WriteAsync(e.ApplicationMessage).AsTask();
        return inbox.Reader;
    }

    protected static ChannelReader<MqttClientDisconnectedEventArgs> Ends(IMqttClient client)
    {
        var ends = Channel.CreateUnbounded<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += e => ends.Writer.WriteAsync(e).AsTask();
        return ends.Reader;
    }

    protected static async Task<T> Next<T>(ChannelReader<T> from) => await from.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
}
