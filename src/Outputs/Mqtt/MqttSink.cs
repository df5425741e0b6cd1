using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Everything that other programs learn over MQTT, under <c>PREFIX/CAMERA</c>; docs/2-messages.md lists the topics. Putting a message together and handing it
/// over never waits for the network, so a broker that is away or stalls costs the run nothing: frames are for now (<see cref="Outbox"/>), states are
/// said again when it is back (<see cref="MqttLink"/>), events are kept on disk until it has them (<see cref="EventQueue"/>).
/// </summary>
public sealed class MqttSink : ISink
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);
    private readonly MqttSettings _settings;
    private readonly IClock _clock;
    private readonly Counters _counters;
    private readonly ILog _log;
    private readonly Func<string, string?> _environment;
    private readonly FrameMessage _frame = new();
    private readonly EventMessage _event = new();
    private readonly HeatmapMessage _heatmap = new();
    private readonly Switch _heatmaps;
    private readonly Switch _discovery;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _listening = [];
    private MqttAddress? _address;
    private EmbeddedBroker? _broker;
    private EventQueue? _queue;
    private MqttLink? _link;
    private Outbox? _outbox;
    private EventSender? _events;
    private EventMaker? _maker;
    private MqttStatus? _status;
    private Task _ticking = Task.CompletedTask;
    private TimeSpan _nextHeatmap = TimeSpan.MinValue;
    private string _camera = "";
    private string _root = "";

    /// <summary>Makes the sink.</summary>
    /// <param name="settings">Broker and topics.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="counters">Where messages are counted: <c>mqtt.*</c>.</param>
    /// <param name="log">Who is told of the broker's coming and going.</param>
    /// <param name="environment">Gives the value of a variable; by default the process's.</param>
    /// <exception cref="OutputException">URL, certificates or password file are wrong.</exception>
    public MqttSink(MqttSettings settings, IClock clock, Counters counters, ILog log, Func<string, string?>? environment = null)
    {
        (_settings, _clock, _counters, _log, _environment) = (settings, clock, counters, log, environment ?? Environment.GetEnvironmentVariable);
        (_heatmaps, _discovery) = (new Switch("heatmap", settings.Heatmap), new Switch("discovery", settings.Discovery));
        _address = MqttAddress.IsEmbedded(settings.Url, out _) ? null : new MqttAddress(settings, _environment);
    }

    /// <summary>Which model runs and which others there are; null if there is no choice.</summary>
    public IModelSwitch? Models { get; init; }

    /// <summary>Whether sources are looked for; null: always.</summary>
    public Switch? Detection { get; init; }

    /// <summary>What else can be switched, e.g. the recording.</summary>
    public IReadOnlyList<Switch> Switches { get; init; } = [];

    /// <summary>How the parts of the run are, for <c>status/record</c> and <c>stats</c>; null if nobody tells.</summary>
    public Health? Health { get; init; }

    /// <inheritdoc/>
    public string Name => "mqtt";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 32 : 4);

    /// <inheritdoc/>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _camera = stream.Camera;
        _root = $"{_settings.Prefix}/{Level(stream.Camera)}";
        var file = Path.Combine(_settings.Folder, Level(_root));
        _queue = new EventQueue(file + ".events", _settings.QueueEvents, _clock, _counters, _log);
        _address ??= await EmbedAsync(token).ConfigureAwait(false);
        _maker = new EventMaker(stream);
        var id = _settings.ClientId.Length > 0 ? _settings.ClientId : $"realtimessl-{Level(stream.Camera)}-{Guid.NewGuid().ToString("N")[..8]}";
        _link = new MqttLink(_address, $"{_settings.Prefix}/available", id, _counters, _log);
        Offer(stream, new MqttMemory(file + ".switches", _log), _link);
        _outbox = new Outbox(_link, stream.Video.Live ? 8 : 64, _counters);
        _events = new EventSender(_queue, _link, $"{_root}/events", _counters);
        _link.Start();
        _ticking = Task.Run(TickAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var (outbox, status, maker) = (_outbox, _status, _maker) is ({ } o, { } s, { } m) ? (o, s, m) : throw new InvalidOperationException("not started");
        outbox.Post($"{_root}/frame", _frame.Write(localization, _camera).Message.Span);
        Tell(maker.Add(localization));
        status.Add(localization);
        if (_heatmaps.IsOn && _clock.Now >= _nextHeatmap)
        {
            _nextHeatmap = _clock.Now + TimeSpan.FromSeconds(1 / _settings.HeatmapFps);
            outbox.Post($"{_root}/heatmap", _heatmap.Write(localization));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        await EndTicksAsync().ConfigureAwait(false);
        Tell(_maker?.Finish() ?? []);
        _status?.Finish();
        await (_outbox?.FlushAsync(Farewell) ?? Task.CompletedTask).ConfigureAwait(false);
        await (_events?.FlushAsync(Farewell) ?? Task.CompletedTask).ConfigureAwait(false);
        if (_queue is { Count: > 0 } queue)
        {
            _log.Warn($"mqtt: {queue.Count} event messages wait for the broker; the next run with this prefix and camera sends them");
        }

        await (_link?.StopAsync(token) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndTicksAsync().ConfigureAwait(false);
        foreach (var item in (IAsyncDisposable?[])[_outbox, _events, _link, _broker])
        {
            if (item is not null)
            {
                await item.DisposeAsync().ConfigureAwait(false);
            }
        }

        (_outbox, _events, _link, _broker) = (null, null, null, null);
        _queue?.Dispose();
        _frame.Dispose();
        _event.Dispose();
    }

    // One level of a topic, and a file's name: what has a meaning there is replaced.
    private static string Level(string name) => string.Concat(name.Select(c => c is '/' or '\\' or '+' or '#' or ':' or '\0' || char.IsWhiteSpace(c) ? '_' : c));

    private async Task<MqttAddress> EmbedAsync(CancellationToken token)
    {
        MqttAddress.IsEmbedded(_settings.Url, out var port);
        _broker = await EmbeddedBroker.StartAsync(port, token).ConfigureAwait(false);
        var browsers = _broker.WebSocketPort is { } web ? $" (for browsers: ws://127.0.0.1:{web})" : "";
        _log.Info($"mqtt: {EmbeddedBroker.Program} serves mqtt://127.0.0.1:{_broker.Port}{browsers} until the run ends; to listen: "
            + $"mosquitto_sub -h 127.0.0.1 -p {_broker.Port} -v -t '{_settings.Prefix}/#'");

        // It is nobody else's: what the environment holds is meant for another broker.
        return new MqttAddress(new MqttSettings { Url = $"mqtt://127.0.0.1:{_broker.Port}", Version = _settings.Version }, static _ => null);
    }

    private void Offer(StreamInfo stream, MqttMemory memory, MqttLink link)
    {
        var log = new RateLimitedLog(_log, _clock, TimeSpan.FromSeconds(10));
        List<Switch> switches = [.. Detection is null ? [] : (Switch[])[Detection], _heatmaps, .. Switches, _discovery];
        _listening.AddRange(switches.Select(s => new MqttSwitch(s, _root, memory, link, _counters, log)));
        if (Models is not null)
        {
            _listening.Add(new MqttModel($"{_root}/model", Models, memory, link, _counters, log));
        }

        _listening.Add(new HomeAssistant(_settings, link, stream, _root, switches, Models, _discovery));
        _status = new MqttStatus(
            stream, link, (_settings.Prefix, _root), TimeSpan.FromSeconds(_settings.StatsSeconds), _clock, _counters, Health, Detection, () => _queue!.Count);
    }

    private void Tell(IReadOnlyList<TrackEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            _events?.Post(_event.Write(events[i], _camera).Message.Span);
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(MqttStatus.Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                _status?.Tick();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private async Task EndTicksAsync()
    {
        _listening.ForEach(l => l.Dispose());
        _listening.Clear();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _ticking.ConfigureAwait(false);
    }
}
