using MQTTnet;
using MQTTnet.Protocol;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A connection to a broker that comes back by itself. It connects in the background, says <c>online</c> (retained) each time it is there,
/// leaves <c>offline</c> as its will, and tells the log only what changed.
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
        _client.DisconnectedAsync += end =>
        {
            if (end.ClientWasConnected)
            {
                _lost.TrySetResult();
            }

            return Task.CompletedTask;
        };
    }

    /// <summary>Whether the broker has been told that we are here.</summary>
    public bool IsOnline => _online;

    /// <summary>Begins to connect, and returns at once.</summary>
    public void Start() => _work = Task.Run(KeepConnectedAsync, CancellationToken.None);

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
                    Welcome();
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

    private Task<MqttClientPublishResult> AnnounceAsync(string state, CancellationToken token) => _client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(_available).WithPayload(state)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithRetainFlag().Build(),
        token);

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
