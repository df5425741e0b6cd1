using System.Net;
using System.Net.Sockets;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using RealtimeSsl.Tests.Support;
using Xunit;

namespace RealtimeSsl.Tests.Bindings.Mqtt;

/// <summary>Coming, staying, leaving, and all the ways in which that goes wrong.</summary>
public sealed class MqttConnectionTests : MqttTestBase
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_will_is_sent_when_the_client_vanishes(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var watcher = await Connect(Options(broker, version).Build());
        var inbox = Inbox(watcher);
        await watcher.SubscribeAsync("available", MqttQualityOfServiceLevel.AtLeastOnce, Token);
        var client = await Connect(WithWill(Options(broker, version)));

        client.Dispose();

        var will = await Next(inbox);
        Assert.Equal(
            ("available", "offline", MqttQualityOfServiceLevel.AtLeastOnce),
            (will.Topic, will.ConvertPayloadToString(), will.QualityOfServiceLevel));
        await watcher.SubscribeAsync("available", cancellationToken: Token);
        Assert.True((await Next(inbox)).Retain);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_will_is_not_sent_when_the_client_takes_its_leave(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var watcher = await Connect(Options(broker, version).Build());
        var inbox = Inbox(watcher);
        await watcher.SubscribeAsync("available", MqttQualityOfServiceLevel.AtLeastOnce, Token);
        using var client = await Connect(WithWill(Options(broker, version)));
        var ends = Ends(client);

        await client.DisconnectAsync(cancellationToken: Token);
        await watcher.PublishStringAsync("available", "still here", cancellationToken: Token);

        Assert.Equal("still here", (await Next(inbox)).ConvertPayloadToString());
        Assert.False(client.IsConnected);
        var end = await Next(ends);
        Assert.Equal((true, MqttClientDisconnectReason.NormalDisconnection, null), (end.ClientWasConnected, end.Reason, end.Exception));
        await client.DisconnectAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task The_will_is_sent_on_request_when_the_client_takes_its_leave()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var watcher = await Connect(Options(broker).Build());
        var inbox = Inbox(watcher);
        await watcher.SubscribeAsync("available", cancellationToken: Token);
        using var client = await Connect(WithWill(Options(broker)));

        await client.DisconnectAsync(MqttClientDisconnectOptionsReason.DisconnectWithWillMessage, "going", cancellationToken: Token);

        Assert.Equal("offline", (await Next(inbox)).ConvertPayloadToString());
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_named()
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var ends = Ends(client);
        var port = UnusedPort();

        var error = await Assert.ThrowsAsync<MqttCommunicationException>(
            () => client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build(), Token));

        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        var end = await Next(ends);
        Assert.False(end.ClientWasConnected);
        Assert.Same(error, end.Exception);
    }

    [Fact]
    public async Task A_name_that_is_not_known_is_named()
    {
        using var client = new MqttClientFactory().CreateMqttClient();

        var error = await Assert.ThrowsAsync<MqttCommunicationException>(
            () => client.ConnectAsync(
                new MqttClientOptionsBuilder().WithTcpServer("no.such.host.invalid").WithTimeout(Patience).Build(), Token));

        Assert.Contains("no.such.host.invalid:1883", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_wrong_password_is_refused_and_the_right_one_is_not(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { User = ("camera", "sesame ü") });
        using var client = new MqttClientFactory().CreateMqttClient();
        var ends = Ends(client);

        var refused = await client.ConnectAsync(Options(broker, version).WithCredentials("camera", "wrong").Build(), Token);
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, refused.ResultCode);
        Assert.False(client.IsConnected);
        Assert.Same(refused, (await Next(ends)).ConnectResult);

        var nobody = await client.ConnectAsync(Options(broker, version).Build(), Token);
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, nobody.ResultCode);

        var welcome = await client.ConnectAsync(Options(broker, version).WithCredentials("camera", "sesame ü").Build(), Token);
        Assert.Equal(MqttClientConnectResultCode.Success, welcome.ResultCode);
        Assert.True(await client.TryPingAsync(Token));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_broker_that_dies_is_noticed_and_found_again(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker, version).Build());
        var ends = Ends(client);

        broker.Kill();

        var end = await Next(ends);
        Assert.True(end.ClientWasConnected);
        Assert.True(!Flavour.IsSystem || end.Exception is MqttCommunicationException);
        Assert.False(client.IsConnected);
        await Assert.ThrowsAsync<MqttClientNotConnectedException>(() => client.PublishStringAsync("t", "x", cancellationToken: Token));
        Assert.False(await client.TryPingAsync(Token));

        await broker.RestartAsync(Token);
        Assert.Equal(MqttClientConnectResultCode.Success, (await client.ConnectAsync(client.Options!, Token)).ResultCode);
        Assert.True((await client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token)).IsSuccess);
    }

    [Fact]
    public async Task A_handler_may_connect_again()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = new MqttClientFactory().CreateMqttClient();
        var again = new TaskCompletionSource<MqttClientConnectResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += async _ =>
        {
            await killed.Task.WaitAsync(Patience, Token);
            await broker.RestartAsync(Token);
            again.TrySetResult(await client.ConnectAsync(client.Options!, Token));
        };
        await client.ConnectAsync(Options(broker).Build(), Token);

        broker.Kill();
        killed.SetResult();

        Assert.Equal(MqttClientConnectResultCode.Success, (await again.Task.WaitAsync(Patience, Token)).ResultCode);
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task A_broker_that_hangs_is_waited_for_no_longer_than_the_token_allows()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker).Build());
        Assert.True(await client.TryPingAsync(Token));
        broker.Freeze();

        using var hasty = Within(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAsync<MqttCommunicationTimedOutException>(
            () => client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: hasty.Token));
        using var another = Within(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAsync<MqttCommunicationTimedOutException>(() => client.PingAsync(another.Token));

        broker.Resume();
        using var patient = Within(Patience);
        Assert.True(await client.TryPingAsync(patient.Token));
        Assert.True(
            (await client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: patient.Token)).IsSuccess);
    }

    [Fact]
    public async Task A_broker_that_hangs_is_waited_for_no_longer_than_the_options_allow()
    {
        Flavour.SkipOnRealPackage("it looks at the options' time-out only when there is no token");
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker).WithTimeout(TimeSpan.FromMilliseconds(500)).Build());
        broker.Freeze();

        await Assert.ThrowsAsync<MqttCommunicationTimedOutException>(
            () => client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token));
        Assert.False(await client.TryPingAsync(Token));
    }

    [Fact]
    public async Task A_server_that_does_not_speak_MQTT_is_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port).Build();
        using var limit = Within(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAsync<MqttConnectingFailedException>(() => client.ConnectAsync(options, limit.Token));

        Assert.False(client.IsConnected);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(0);
        var endpoint = (IPEndPoint)listener.LocalEndpoint;
        // Nobody accepts: once the queue is full, the kernel answers no more.
        var queue = Enumerable.Range(0, 4).Select(_ => new TcpClient()).ToList();
        var waiting = queue.Select(c => c.ConnectAsync(endpoint)).ToList();
        using var client = new MqttClientFactory().CreateMqttClient();
        var ends = Ends(client);
        using var limit = Within(TimeSpan.FromMilliseconds(500));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", endpoint.Port).Build(), limit.Token));

        Assert.False((await Next(ends)).ClientWasConnected);
        Assert.Contains(waiting, w => !w.IsCompleted);
        queue.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Who_takes_the_same_name_ends_the_earlier_connection()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var first = await Connect(Options(broker).WithClientId("same").Build());
        var ends = Ends(first);

        using var second = await Connect(Options(broker).WithClientId("same").Build());

        Assert.True((await Next(ends)).ClientWasConnected);
        Assert.False(first.IsConnected);
        Assert.True(second.IsConnected);
    }

    [Fact]
    public async Task Why_the_broker_ends_the_connection_is_told()
    {
        byte[] connAck = [0x20, 3, 0, 0, 0];
        byte[] disconnect = [0xE0, 2, 0x8B, 0];
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new MqttClientFactory().CreateMqttClient();
        var ends = Ends(client);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithTimeout(Patience).Build();
        var connecting = client.ConnectAsync(options, Token);
        using var server = await listener.AcceptTcpClientAsync(Token);
        Assert.NotEqual(0, await server.GetStream().ReadAsync(new byte[1000], Token));
        await server.GetStream().WriteAsync(connAck, Token);
        await connecting;
        var unanswered = client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token);

        await server.GetStream().WriteAsync(disconnect, Token);

        Assert.Equal(MqttClientDisconnectReason.ServerShuttingDown, (await Next(ends)).Reason);
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => unanswered);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_session_that_is_kept_is_found_again(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        var options = Options(broker, version).WithClientId("keeper").WithCleanSession(false).Build();
        using (var first = await Connect(options))
        {
            await first.SubscribeAsync("t", MqttQualityOfServiceLevel.AtLeastOnce, Token);
        }

        using var again = new MqttClientFactory().CreateMqttClient();
        var result = await again.ConnectAsync(options, Token);

        // MQTT 5 keeps a session only if it is given an expiry interval.
        Assert.Equal(version == MqttProtocolVersion.V311, result.IsSessionPresent);
    }

    [Fact]
    public async Task A_client_without_a_name_is_given_one()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = new MqttClientFactory().CreateMqttClient();

        var result = await client.ConnectAsync(Options(broker).WithClientId("").Build(), Token);

        Assert.NotEmpty(result.AssignedClientIdentifier!);
    }

    [Fact]
    public async Task The_connection_is_kept_alive_while_nothing_is_said()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker).WithKeepAlivePeriod(TimeSpan.FromSeconds(5)).Build());

        using var limit = new CancellationTokenSource(Patience);
        while (!broker.Log.Contains("PINGREQ", StringComparison.Ordinal))
        {
            await Task.Delay(100, limit.Token);
        }

        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task A_client_knows_its_state()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        var client = new MqttClientFactory().CreateMqttClient();
        Assert.Null(client.Options);
        await Assert.ThrowsAsync<MqttClientNotConnectedException>(() => client.PingAsync(Token));
        await Assert.ThrowsAsync<ArgumentException>(() => client.ConnectAsync(new MqttClientOptions(), Token));

        var connected = 0;
        client.ConnectedAsync += e =>
        {
            Assert.Equal(MqttClientConnectResultCode.Success, e.ConnectResult.ResultCode);
            connected++;
            return Task.CompletedTask;
        };
        await client.ConnectAsync(Options(broker).Build(), Token);
        Assert.Equal(1, connected);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.ConnectAsync(Options(broker).Build(), Token));
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => client.PublishStringAsync("t", "x", cancellationToken: new CancellationToken(true)));

        client.Dispose();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PublishStringAsync("t", "x", cancellationToken: Token));
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => client.ConnectAsync(Options(broker).Build(), Token));
    }

    [Fact]
    public void Options_have_the_defaults_of_the_real_package()
    {
        var options = new MqttClientFactory().CreateClientOptionsBuilder().WithTcpServer("broker").Build();

        Assert.Equal(new DnsEndPoint("broker", 1883), ((MqttClientTcpOptions)options.ChannelOptions!).RemoteEndpoint);
        Assert.Equal((TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(100)), (options.KeepAlivePeriod, options.Timeout));
        Assert.Equal((MqttProtocolVersion.V500, true), (options.ProtocolVersion, options.CleanSession));
        var secure = new MqttClientOptionsBuilder().WithTlsOptions(o => o.UseTls()).WithTcpServer("broker").Build();
        Assert.Equal(8883, ((DnsEndPoint)((MqttClientTcpOptions)secure.ChannelOptions!).RemoteEndpoint!).Port);
        Assert.Throws<InvalidOperationException>(() => new MqttClientOptionsBuilder().Build());
        var old = new MqttClientOptionsBuilder().WithTcpServer("broker").WithProtocolVersion(MqttProtocolVersion.V311);
        Assert.Throws<NotSupportedException>(() => old.WithWillDelayInterval(1).Build());
    }

    private static MqttClientOptions WithWill(MqttClientOptionsBuilder builder) =>
        builder.WithWillTopic("available").WithWillPayload("offline").WithWillRetain()
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
