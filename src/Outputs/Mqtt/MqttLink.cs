using System.Buffers;
using System.Security.Authentication;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A connection to a broker that comes back by itself. It connects in the background, says <c>online</c> (retained) each time it is there,
/// leaves <c>offline</c> as its will, says all retained state again, listens to its command topics, and tells the log only what changed.
/// A broker that is away is looked for twice a second; one that refuses us less and less often.
/// </summary>
internal sealed class MqttLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(0.5),
        LongestPauseWhenRefused = TimeSpan.FromSeconds(15), Patience = TimeSpan.FromSeconds(5);
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttClientOptions _options;
    private readonly MqttAddress _address;
    private readonly string _available;
    private readonly Counter _connects;
    private readonly Counter _failures;
    private readonly Counter _refused;
    private readonly ILog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _state = [];
    private readonly Queue<string> _unsaid = new();
    private readonly HashSet<string> _complained = [];
    private volatile TaskCompletionSource _lost = new();
    private volatile TaskCompletionSource _changed = NewSignal();
    private volatile bool _online;
    private Task _work = Task.CompletedTask;
    private string? _complaint;

    /// <summary>Makes a link; <see cref="Start"/> starts it.</summary>
    /// <param name="address">The broker.</param>
    /// <param name="available">Topic of <c>online</c> and <c>offline</c>.</param>
    /// <param name="clientId">Who we are; unique on the broker.</param>
    /// <param name="counters">Where connections, failures and refusals are counted: <c>mqtt.connects</c>, <c>mqtt.failures</c>, <c>mqtt.refused</c>.</param>
    /// <param name="log">Who is told.</param>
    public MqttLink(MqttAddress address, string available, string clientId, Counters counters, ILog log)
    {
        (_address, _available, _log) = (address, available, log);
        (_connects, _failures, _refused) = (counters["mqtt.connects"], counters["mqtt.failures"], counters["mqtt.refused"]);
        _options = address.Apply(new MqttClientOptionsBuilder())
            .WithClientId(clientId)
            .WithCleanSession()
            .WithKeepAlivePeriod(Patience)
            .WithTimeout(Patience)
            .WithWillTopic(available)
            .WithWillPayload("offline")
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithWillRetain()
            .Build();
        _client.ApplicationMessageReceivedAsync += Dispatch;
        _client.DisconnectedAsync += end =>
        {
            if (end.ClientWasConnected)
            {
                _lost.TrySetResult();
            }

            return Task.CompletedTask;
        };
    }

    /// <summary>Who takes the messages of which topic; must not block. Filled before <see cref="Start"/>.</summary>
    public Dictionary<string, Action<byte[]>> Commands { get; } = [];

    /// <summary>Whether the broker has been told that we are here.</summary>
    public bool IsOnline => _online;

    /// <summary>Begins to connect, and returns at once.</summary>
    public void Start() => _work = Task.Run(KeepConnectedAsync, CancellationToken.None);

    /// <summary>
    /// Keeps a state with the broker: said as soon as it is there, and again each time it comes back. QoS 1, retained; of a state that changes
    /// faster than the broker takes it, the newest counts. Returns at once.
    /// </summary>
    public void Keep(string topic, byte[] payload)
    {
        lock (_gate)
        {
            _state[topic] = payload;
            if (!_unsaid.Contains(topic))
            {
                _unsaid.Enqueue(topic);
            }
        }

        _changed.TrySetResult();
    }

    /// <summary>Says something once, QoS 1, not retained.</summary>
    /// <returns>Whether the broker has it. If not, it is for the caller to say it again.</returns>
    public async Task<bool> TellAsync(string topic, byte[] payload)
    {
        try
        {
            return _online && Accepted(topic, await PublishAsync(Message(topic, payload, retain: false), CancellationToken.None).ConfigureAwait(false));
        }
        catch (Exception e) when (IsCommunication(e))
        {
            _failures.Add();
            return false;
        }
    }

    /// <summary>Sends a message at most once.</summary>
    /// <returns>False if there is no connection, or it broke: then the message is gone.</returns>
    public async ValueTask<bool> TrySendAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken token)
    {
        if (!_online)
        {
            return false;
        }

        try
        {
            var message = new MqttApplicationMessage { Topic = topic, Payload = new(payload) };
            return (await _client.PublishAsync(message, token).ConfigureAwait(false)).IsSuccess;
        }
        catch (Exception e) when (IsCommunication(e))
        {
            // Also when the caller gave up waiting: the library calls that a time-out.
            return false;
        }
    }

    /// <summary>Says what state is left, then <c>offline</c>, and takes leave.</summary>
    public async Task StopAsync(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Patience);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        if (!_online)
        {
            return;
        }

        try
        {
            await SayStateAsync(limit.Token, limit.Token).ConfigureAwait(false);
            _online = false;
            await AnnounceAsync("offline", limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsCommunication(e))
        {
            // The broker has our will and will say it for us.
            _online = false;
            _failures.Add();
            return;
        }

        await LeaveAsync(limit.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _client.Dispose();
        _stop.Dispose();
    }

    // Whatever goes wrong with a broker is a reason to try again, and none to end the run.
    private static bool IsCommunication(Exception e) =>
        e is MQTTnet.Exceptions.MqttCommunicationException or MQTTnet.Exceptions.MqttProtocolViolationException
            or OperationCanceledException or IOException or System.Net.Sockets.SocketException or ObjectDisposedException or InvalidOperationException
            or AuthenticationException;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static MqttApplicationMessage Message(string topic, byte[] payload, bool retain) => new MqttApplicationMessageBuilder()
        .WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithRetainFlag(retain).Build();

    private static string WayOut(MqttClientConnectResultCode code) => code switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized => "; check REALTIMESSL_MQTT_USER and REALTIMESSL_MQTT_PASSWORD",
        MqttClientConnectResultCode.UnsupportedProtocolVersion => "; try mqtt.version 3.1.1",
        _ => "; see the broker's log",
    };

    private static bool IsTls(Exception? e) => e is not null && (e is AuthenticationException || IsTls(e.InnerException));

    private async Task KeepConnectedAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            var longest = LongestPause;
            try
            {
                var lost = _lost = NewSignal();
                var answer = await _client.ConnectAsync(_options, _stop.Token).ConfigureAwait(false);
                if (answer.ResultCode == MqttClientConnectResultCode.Success)
                {
                    await ResumeAsync().ConfigureAwait(false);
                    pause = FirstPause;
                    await SayChangesAsync(lost.Task).ConfigureAwait(false);
                    _online = false;
                    Complain("the connection was lost; trying again");
                }
                else
                {
                    longest = LongestPauseWhenRefused;
                    Complain($"the broker refuses: {answer.ResultCode}{WayOut(answer.ResultCode)}");
                }
            }
            catch (Exception e) when (_stop.IsCancellationRequested && IsCommunication(e))
            {
                // Interrupted, and not broken: the farewell goes over this connection.
                return;
            }
            catch (Exception e) when (IsCommunication(e))
            {
                longest = IsTls(e) ? LongestPauseWhenRefused : LongestPause;
                Complain(_online ? $"the connection broke ({e.Message.TrimEnd('.')}); trying again" : $"cannot connect: {e.Message.TrimEnd('.')}; trying again until it is there");
                _online = false;
                if (_client.IsConnected)
                {
                    // Connected, but it does not take what we say: begin again from the beginning.
                    await LeaveAsync(_stop.Token).ConfigureAwait(false);
                }
            }

            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < longest ? pause * 2 : longest;
        }
    }

    private async Task ResumeAsync()
    {
        await AnnounceAsync("online", CancellationToken.None).ConfigureAwait(false);
        lock (_gate)
        {
            _unsaid.Clear();
            foreach (var topic in _state.Keys)
            {
                _unsaid.Enqueue(topic);
            }
        }

        await SayStateAsync(_stop.Token, CancellationToken.None).ConfigureAwait(false);
        _online = true;
        _complaint = null;
        _connects.Add();
        _log.Info($"mqtt: connected to {_address}");
        foreach (var command in Commands.Keys)
        {
            using var limit = new CancellationTokenSource(Patience);
            var answer = await _client.SubscribeAsync(command, MqttQualityOfServiceLevel.AtLeastOnce, limit.Token).ConfigureAwait(false);
            if (answer.Items.Any(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
            {
                Refuse($"does not let us read {command}");
            }
        }
    }

    // Until the connection is lost or we stop.
    private async Task SayChangesAsync(Task lost)
    {
        while (!lost.IsCompleted)
        {
            var changed = _changed = NewSignal();
            await SayStateAsync(_stop.Token, CancellationToken.None).ConfigureAwait(false);
            await Task.WhenAny(lost, changed.Task).WaitAsync(_stop.Token).ConfigureAwait(false);
        }
    }

    private async Task SayStateAsync(CancellationToken stop, CancellationToken giveUp)
    {
        while (!stop.IsCancellationRequested)
        {
            string? topic;
            byte[] payload;
            lock (_gate)
            {
                if (!_unsaid.TryDequeue(out topic))
                {
                    return;
                }

                payload = _state[topic];
            }

            try
            {
                Accepted(topic, await PublishAsync(Message(topic, payload, retain: true), giveUp).ConfigureAwait(false));
            }
            catch
            {
                lock (_gate)
                {
                    _unsaid.Enqueue(topic);
                }

                throw;
            }
        }
    }

    private async Task AnnounceAsync(string state, CancellationToken giveUp) =>
        Accepted(_available, await PublishAsync(Message(_available, Encoding.UTF8.GetBytes(state), retain: true), giveUp).ConfigureAwait(false));

    // What is under way is waited for also when we stop: an acknowledgement that nobody awaits any more is a breach of the protocol to MQTTnet, and it
    // hangs up; what we wanted to say at the end would be lost.
    private async Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message, CancellationToken giveUp)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(giveUp);
        limit.CancelAfter(Patience);
        return await _client.PublishAsync(message, limit.Token).ConfigureAwait(false);
    }

    // Only MQTT 5 tells; before, a broker takes what it refuses and throws it away.
    private bool Accepted(string topic, MqttClientPublishResult answer)
    {
        if (!answer.IsSuccess)
        {
            Refuse($"refuses {topic} ({answer.ReasonCode})");
        }

        return answer.IsSuccess;
    }

    private async Task LeaveAsync(CancellationToken token)
    {
        try
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsCommunication(e))
        {
            _failures.Add();
        }
    }

    private Task Dispatch(MqttApplicationMessageReceivedEventArgs received)
    {
        var message = received.ApplicationMessage;
        if (Commands.TryGetValue(message.Topic ?? "", out var take))
        {
            take(message.Payload.ToArray());
        }

        return Task.CompletedTask;
    }

    // What its access list refuses is said once for each topic; everything else goes on.
    private void Refuse(string what)
    {
        _refused.Add();
        lock (_gate)
        {
            if (!_complained.Add(what))
            {
                return;
            }
        }

        _log.Warn($"mqtt: {_address}: the broker {what}; allow it in its access list");
    }

    // A broker that is away for a night leaves one line, not thousands.
    private void Complain(string complaint)
    {
        _failures.Add();
        if (complaint != _complaint)
        {
            _log.Warn($"mqtt: {_address}: {complaint}");
        }

        _complaint = complaint;
    }
}
