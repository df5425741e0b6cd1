using System.Diagnostics;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>
/// The public behaviour: states, events, time-outs and what is thrown when. Each connect makes a new <see cref="Connection"/>,
/// which knows the native library and nothing of this.
/// </summary>
internal sealed class MqttClient : IMqttClient
{
    private const int Disconnected = 0;
    private const int Connecting = 1;
    private const int Connected = 2;
    private const int Disconnecting = 3;

    private volatile Connection? connection;
    private Task closing = Task.CompletedTask;
    private int state;
    private volatile bool disposed;

    public event Func<MqttApplicationMessageReceivedEventArgs, Task>? ApplicationMessageReceivedAsync;

    public event Func<MqttClientConnectedEventArgs, Task>? ConnectedAsync;

    public event Func<MqttClientDisconnectedEventArgs, Task>? DisconnectedAsync;

    public bool IsConnected => Volatile.Read(ref state) == Connected;

    public MqttClientOptions? Options { get; private set; }

    public async Task<MqttClientConnectResult> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (options.ChannelOptions is not MqttClientTcpOptions channel)
        {
            throw new ArgumentException("ChannelOptions are not set.");
        }

        var opening = new Connection(options, channel);
        switch (Interlocked.CompareExchange(ref state, Connecting, Disconnected))
        {
            case Disconnected:
                break;
            case Connected:
                throw new InvalidOperationException("It is not allowed to connect with a server after the connection is established.");
            default:
                throw new InvalidOperationException("Not allowed to connect while connect/disconnect is pending.");
        }

        Options = options;
        connection = opening;
        closing = Close(opening);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.Timeout);
            opening.Start();
            ObjectDisposedException.ThrowIf(disposed, this);
            var result = await Answer(opening, limit.Token).ConfigureAwait(false);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                opening.Abort(new Ending(null) { Refusal = result });
                await closing.ConfigureAwait(false);
                return result;
            }

            if (Interlocked.CompareExchange(ref state, Connected, Connecting) != Connecting)
            {
                throw new MqttCommunicationException("Connection closed.");
            }

            _ = Task.Run(() => Receive(opening), CancellationToken.None);
            await Raise(ConnectedAsync, new MqttClientConnectedEventArgs(result)).ConfigureAwait(false);
            return result;
        }
        catch (Exception exception)
        {
            opening.Abort(new Ending(exception));
            await closing.ConfigureAwait(false);
            throw;
        }
    }

    public async Task DisconnectAsync(MqttClientDisconnectOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(disposed, this);
        switch (Interlocked.CompareExchange(ref state, Disconnecting, Connected))
        {
            case Connected:
                break;
            case Connecting:
                throw new MqttClientNotConnectedException();
            default:
                return;
        }

        var current = connection!;
        try
        {
            var version = Options!.ProtocolVersion;
            RequireVersion5(version, options.Reason != MqttClientDisconnectOptionsReason.NormalDisconnection, nameof(options.Reason));
            RequireVersion5(version, options.ReasonString?.Length > 0, nameof(options.ReasonString));
            RequireVersion5(version, options.SessionExpiryInterval > 0, nameof(options.SessionExpiryInterval));
            RequireVersion5(version, options.UserProperties?.Count > 0, nameof(options.UserProperties));
            _ = await Bounded(current.Disconnect(options), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            current.Abort(new Ending(null) { Reason = (MqttClientDisconnectReason)options.Reason });
            await closing.ConfigureAwait(false);
        }
    }

    public async Task PingAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = await Bounded(Live().Ping(), cancellationToken).ConfigureAwait(false);
    }

    public async Task<MqttClientPublishResult> PublishAsync(
        MqttApplicationMessage applicationMessage, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(applicationMessage);
        cancellationToken.ThrowIfCancellationRequested();
        RequireTopic(applicationMessage.Topic);
        var answer = await Bounded(Live().Publish(applicationMessage), cancellationToken).ConfigureAwait(false);
        var identifier = applicationMessage.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce
            ? (ushort?)null
            : (ushort)answer.PacketIdentifier;
        return new MqttClientPublishResult(identifier, (MqttClientPublishReasonCode)answer.Reason, answer.ReasonString);
    }

    public async Task<MqttClientSubscribeResult> SubscribeAsync(
        MqttClientSubscribeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var live = Live();
        foreach (var filter in options.TopicFilters)
        {
            RequireFilter(filter.Topic);
            RequireVersion5(Options!.ProtocolVersion, filter.NoLocal, nameof(filter.NoLocal));
            RequireVersion5(Options.ProtocolVersion, filter.RetainAsPublished, nameof(filter.RetainAsPublished));
            RequireVersion5(
                Options.ProtocolVersion, filter.RetainHandling != MqttRetainHandling.SendAtSubscribe, nameof(filter.RetainHandling));
        }

        // One request for each filter: the library has one QoS for all filters of a request.
        var answers = await Bounded(Task.WhenAll(options.TopicFilters.Select(live.Subscribe)), cancellationToken).ConfigureAwait(false);
        var items = options.TopicFilters.Zip(
            answers, (filter, answer) => new MqttClientSubscribeResultItem(filter, (MqttClientSubscribeResultCode)answer.Reason));
        return new MqttClientSubscribeResult([.. items]);
    }

    /// <summary>Drops the connection without a word, so that the broker sends the will.</summary>
    public void Dispose()
    {
        disposed = true;
        connection?.Abort(new Ending(null));
    }

    internal static void RequireVersion5(MqttProtocolVersion version, bool used, string feature)
    {
        if (used && version != MqttProtocolVersion.V500)
        {
            throw new NotSupportedException($"Feature {feature} requires MQTT version 5.0.0.");
        }
    }

    private static void RequireTopic(string? topic)
    {
        if (string.IsNullOrEmpty(topic))
        {
            throw new MqttProtocolViolationException("Topic should not be empty.");
        }

        if (topic.AsSpan().IndexOfAny('+', '#') is >= 0 and var at)
        {
            throw new MqttProtocolViolationException($"The character '{topic[at]}' is not allowed in topics.");
        }
    }

    private static void RequireFilter(string? filter)
    {
        if (string.IsNullOrEmpty(filter))
        {
            throw new MqttProtocolViolationException("Topic should not be empty.");
        }

        if (filter.IndexOf('#', StringComparison.Ordinal) is >= 0 and var at && at != filter.Length - 1)
        {
            throw new MqttProtocolViolationException("The character '#' is only allowed as last character");
        }
    }

    private static async Task<MqttClientConnectResult> Answer(Connection opening, CancellationToken limit)
    {
        try
        {
            return await opening.Connected.WaitAsync(limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (opening.Reached)
        {
            throw new MqttConnectingFailedException($"Error while authenticating. {exception.Message}", exception);
        }
    }

    private static async Task Raise<T>(Func<T, Task>? handlers, T arguments)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            await handler(arguments).ConfigureAwait(false);
        }
    }

    private Connection Live()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return IsConnected ? connection! : throw new MqttClientNotConnectedException();
    }

    private async Task<T> Bounded<T>(Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(Options!.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            throw new MqttCommunicationTimedOutException(exception);
        }
    }

    /// <summary>Follows one connection to its end, whoever ends it, and tells.</summary>
    private async Task Close(Connection closed)
    {
        var ending = await closed.Ended.ConfigureAwait(false);
        var wasConnected = Interlocked.Exchange(ref state, Disconnected) is Connected or Disconnecting;
        if (!disposed)
        {
            var arguments = new MqttClientDisconnectedEventArgs(
                wasConnected, ending.Refusal, ending.Reason, ending.ReasonString, ending.Exception);
            // Not awaited: a handler may well connect again, and that may take its time.
            _ = Task.Run(() => Told(DisconnectedAsync, arguments));
        }
    }

    private async Task Receive(Connection from)
    {
        await foreach (var message in from.Received.ReadAllAsync().ConfigureAwait(false))
        {
            var arguments = new MqttApplicationMessageReceivedEventArgs(from.ClientId, message);
            await Told(ApplicationMessageReceivedAsync, arguments).ConfigureAwait(false);
        }
    }

    private static async Task Told<T>(Func<T, Task>? handlers, T arguments)
    {
        try
        {
            await Raise(handlers, arguments).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A handler's exception must not end the connection; the real package only logs it, too.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Trace.TraceError($"MQTTnet: a handler of {typeof(T).Name} failed: {exception}");
        }
    }
}
