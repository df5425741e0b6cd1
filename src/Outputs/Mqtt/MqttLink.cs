using System.Collections.Concurrent;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A connection to a broker that comes back by itself. It connects in the background, says <c>online</c> (retained) each time it is there,
/// leaves <c>offline</c> as its will, says all retained state again, listens to its command topic, and tells the log only what changed.
/// </summary>
internal sealed class MqttLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(1);
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttClientOptions _options;
    private readonly MqttAddress _address;
    private readonly string _available;
    private readonly Counter _connects;
    private readonly Counter _failures;
    private readonly ILog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, byte[]> _state = new();
    private readonly SemaphoreSlim _keeping = new(1);
    private volatile TaskCompletionSource _lost = new();
    private volatile bool _online;
    private Task _work = Task.CompletedTask;
    private string? _complaint;

    /// <summary>Makes a link; <see cref="Start"/> starts it.</summary>
    /// <param name="address">The broker.</param>
    /// <param name="available">Topic of <c>online</c> and <c>offline</c>.</param>
    /// <param name="name">Who we are: becomes part of the client id, which is unique for each link.</param>
    /// <param name="counters">Where connections and failures are counted: <c>mqtt.connects</c>, <c>mqtt.failures</c>.</param>
    /// <param name="log">Who is told.</param>
    public MqttLink(MqttAddress address, string available, string name, Counters counters, ILog log)
    {
        (_address, _available, _log) = (address, available, log);
        (_connects, _failures) = (counters["mqtt.connects"], counters["mqtt.failures"]);

        // 3.1.1 is what every broker speaks, and all that is needed here.
        _options = address.Apply(new MqttClientOptionsBuilder())
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V311)
            .WithClientId($"realtimessl-{name}-{Guid.NewGuid().ToString("N")[..8]}")
            .WithCleanSession()
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(5))
            .WithTimeout(TimeSpan.FromSeconds(5))
            .WithWillTopic(available)
            .WithWillPayload("offline")
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithWillRetain()
            .Build();
        _client.ApplicationMessageReceivedAsync += received => Received?.Invoke(received.ApplicationMessage) ?? Task.CompletedTask;
        _client.DisconnectedAsync += end =>
        {
            if (end.ClientWasConnected)
            {
                _lost.TrySetResult();
            }

            return Task.CompletedTask;
        };
    }

    /// <summary>The topic whose messages come to <see cref="Received"/>; null for none.</summary>
    public string? Command { get; init; }

    /// <summary>Takes a command; must not block.</summary>
    public Func<MqttApplicationMessage, Task>? Received { get; init; }

    /// <summary>Whether the broker has been told that we are here.</summary>
    public bool IsOnline => _online;

    /// <summary>Begins to connect, and returns at once.</summary>
    public void Start() => _work = Task.Run(KeepConnectedAsync, CancellationToken.None);

    /// <summary>Keeps a state with the broker: said now if it is there, and again each time it comes back. QoS 1, retained.</summary>
    public async Task KeepAsync(string topic, byte[] payload)
    {
        _state[topic] = payload;

        // One at a time, and always the newest: what a broker keeps must not be older than what is true.
        await _keeping.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested)
        {
            try
            {
                await TellAsync(topic, _state[topic], retain: true).ConfigureAwait(false);
            }
            finally
            {
                _keeping.Release();
            }
        }
    }

    /// <summary>Says something once, QoS 1, not retained; if the broker is not there it is counted and gone.</summary>
    public async Task TellAsync(string topic, byte[] payload, bool retain = false)
    {
        try
        {
            if (_online)
            {
                await _client.PublishAsync(Message(topic, payload, retain), _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsCommunication(e))
        {
            _failures.Add();
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
        catch (Exception e) when (IsCommunication(e) && !token.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Says <c>offline</c> and takes leave.</summary>
    public async Task StopAsync(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        if (!_online)
        {
            return;
        }

        _online = false;
        try
        {
            await AnnounceAsync("offline", limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsCommunication(e))
        {
            // The broker has our will and will say it for us.
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
            or System.Security.Authentication.AuthenticationException;

    private async Task KeepConnectedAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var lost = _lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var answer = await _client.ConnectAsync(_options, _stop.Token).ConfigureAwait(false);
                if (answer.ResultCode == MqttClientConnectResultCode.Success)
                {
                    await AnnounceAsync("online", _stop.Token).ConfigureAwait(false);
                    await ResumeAsync().ConfigureAwait(false);
                    pause = FirstPause;
                    await lost.Task.WaitAsync(_stop.Token).ConfigureAwait(false);
                    _online = false;
                    Complain("the connection was lost; trying again");
                }
                else
                {
                    Complain($"the broker refuses: {answer.ResultCode}{WayOut(answer.ResultCode)}");
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsCommunication(e))
            {
                Complain($"cannot connect: {e.Message.TrimEnd('.')}; trying again until it is there");
                if (_client.IsConnected)
                {
                    // Connected, but it did not take our "online": begin again from the beginning.
                    await LeaveAsync(_stop.Token).ConfigureAwait(false);
                }
            }

            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
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

    private static string WayOut(MqttClientConnectResultCode code) =>
        code is MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized
            ? "; check REALTIMESSL_MQTT_USER and REALTIMESSL_MQTT_PASSWORD" : "; see the broker's log";

    private Task<MqttClientPublishResult> AnnounceAsync(string state, CancellationToken token) =>
        _client.PublishAsync(Message(_available, Encoding.UTF8.GetBytes(state), retain: true), token);

    private static MqttApplicationMessage Message(string topic, byte[] payload, bool retain) => new MqttApplicationMessageBuilder()
        .WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithRetainFlag(retain).Build();

    private async Task ResumeAsync()
    {
        await _keeping.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            foreach (var (topic, payload) in _state)
            {
                await _client.PublishAsync(Message(topic, payload, retain: true), _stop.Token).ConfigureAwait(false);
            }

            Welcome();
        }
        finally
        {
            _keeping.Release();
        }

        if (Command is { } command)
        {
            var answer = await _client.SubscribeAsync(command, MqttQualityOfServiceLevel.AtLeastOnce, _stop.Token).ConfigureAwait(false);
            if (answer.Items.Any(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
            {
                // Everything else works without: said, and no reason to leave.
                _failures.Add();
                _log.Warn($"mqtt: {_address}: the broker does not let us read {command}; allow it there");
            }
        }
    }

    private void Welcome()
    {
        _online = true;
        _complaint = null;
        _connects.Add();
        _log.Info($"mqtt: connected to {_address}");
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
