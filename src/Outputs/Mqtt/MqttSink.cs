using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Frame messages over MQTT, QoS 0, on <c>PREFIX/CAMERA/frame</c>; whether we are there, retained, on <c>PREFIX/available</c>; the model on
/// <c>PREFIX/CAMERA/model/...</c> (<see cref="MqttModel"/>). A broker that is
/// away costs the run nothing: what it would have got is counted and gone, newest wins, and it is found again within a second of its return.
/// </summary>
public sealed class MqttSink : ISink
{
    private readonly MqttSettings _settings;
    private readonly MqttAddress _address;
    private readonly Counters _counters;
    private readonly Counter _sent;
    private readonly Counter _offline;
    private readonly ILog _log;
    private readonly FrameMessage _message = new();
    private MqttLink? _link;
    private MqttModel? _model;
    private string _camera = "";
    private string _topic = "";

    /// <summary>Makes the sink.</summary>
    /// <param name="settings">Broker and prefix.</param>
    /// <param name="counters">Where messages are counted: <c>mqtt.sent</c>, <c>mqtt.dropped.offline</c>.</param>
    /// <param name="log">Who is told of the broker's coming and going.</param>
    /// <param name="environment">Gives the value of a variable; by default the process's.</param>
    /// <exception cref="OutputException">URL, authority or password file are wrong.</exception>
    public MqttSink(MqttSettings settings, Counters counters, ILog log, Func<string, string?>? environment = null)
    {
        (_settings, _counters, _log) = (settings, counters, log);
        (_sent, _offline) = (counters["mqtt.sent"], counters["mqtt.dropped.offline"]);
        _address = new MqttAddress(settings, environment ?? Environment.GetEnvironmentVariable);
    }

    /// <summary>Which model runs and which others there are; null if there is no choice.</summary>
    public IModelSwitch? Models { get; init; }

    /// <inheritdoc/>
    public string Name => "mqtt";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly(live ? 4 : 64);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _camera = stream.Camera;
        var root = $"{_settings.Prefix}/{Level(stream.Camera)}";
        _topic = $"{root}/frame";
        _model = Models is null ? null : new MqttModel($"{root}/model", Models, _log);
        _link = new MqttLink(_address, $"{_settings.Prefix}/available", Level(stream.Camera), _counters, _log)
        {
            Command = _model?.SetTopic, Received = _model is null ? null : _model.TakeAsync,
        };
        _model?.Attach(_link);
        _link.Start();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var link = _link ?? throw new InvalidOperationException("not started");
        var message = _message.Write(localization, _camera).Message;
        var sent = await link.TrySendAsync(_topic, message, token).ConfigureAwait(false);
        (sent ? _sent : _offline).Add();
    }

    /// <inheritdoc/>
    public async ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        _model?.Dispose();
        if (_link is { } link)
        {
            await link.StopAsync(token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _model?.Dispose();
        if (_link is { } link)
        {
            _link = null;
            await link.DisposeAsync().ConfigureAwait(false);
        }

        _message.Dispose();
    }

    // One level of a topic: what has a meaning there is replaced.
    private static string Level(string name) => string.Concat(name.Select(c => c is '/' or '+' or '#' or '\0' || char.IsWhiteSpace(c) ? '_' : c));
}
