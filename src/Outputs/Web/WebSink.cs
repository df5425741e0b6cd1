using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The live page: what the engine sees and hears, in a browser. Newest wins twice: the sink never holds up the engine, and no viewer
/// holds up the sink or another viewer. While nobody watches, a localization costs it a few microseconds.
/// </summary>
/// <param name="settings">Where it listens.</param>
/// <param name="clock">The run's clock.</param>
/// <param name="counters">The run's counters: shown on the page; pictures that a viewer was too slow for are <c>web.viewer.dropped.newest_wins</c>.</param>
/// <param name="log">Where it tells its address, and what went wrong.</param>
/// <param name="overlay">What is drawn into the picture for other programs; the page draws for itself.</param>
public sealed class WebSink(WebSettings settings, IClock clock, Counters counters, ILog log, OverlaySettings? overlay = null) : ISink
{
    /// <summary>No eye needs more pictures per second than 80; a file that runs at a thousand is not encoded a thousand times.</summary>
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(12.5);

    /// <summary>What viewers get to say goodbye; one that does not read is cut off.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    private readonly PageEncoder _encoder = new();
    private readonly Viewers _viewers = new(clock, counters);
    private readonly MetricsSink _metrics = new(clock, counters);
    private readonly MjpegSink _stream = new(overlay ?? new OverlaySettings(), clock, counters);
    private SpectrumSink? _spectrum;
    private LiveStatus? _status;
    private HealthReport? _health;
    private WebParts? _parts;
    private WebServer? _server;
    private TimeSpan _next;

    /// <summary>Address of the page once the sink is started, e.g. <c>http://127.0.0.1:8088/</c>.</summary>
    public Uri? Address => _server?.Address;

    /// <summary>Which model runs and which others may be chosen on the page; null if there is no choice.</summary>
    public IModelSwitch? Models { get; init; }

    /// <summary>Where networks compute; null if there is no choice.</summary>
    public IDeviceSwitch? Devices { get; init; }

    /// <summary>How the parts of the run are, for <c>/healthz</c>; null if nobody says.</summary>
    public Health? Health { get; init; }

    /// <summary>Whether it is recorded; null if it cannot be switched.</summary>
    public Switch? Recording { get; init; }

    /// <summary>The detector, once there is an engine.</summary>
    public Func<IDetectorSwitch?> Detector { get; init; } = static () => null;

    /// <summary>Sinks that stand beside this one, each with a queue and a worker of its own, because they are fed differently. Start them before it.</summary>
    public IReadOnlyList<ISink> Companions => [_metrics, Spectrum, _stream];

    /// <summary>Called with the page's address once it can be opened.</summary>
    public Action<Uri>? Started { get; init; }

    /// <summary>Method and path of all that the server answers, but for the page itself.</summary>
    internal IEnumerable<string> Described => WebServer.Routes(_parts!).Select(r => $"{r.Method} {r.Path}");

    /// <summary>Where the token comes from.</summary>
    internal Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    private SpectrumSink Spectrum => _spectrum ??= new SpectrumSink(() => _viewers.Count > 0);

    /// <inheritdoc/>
    public string Name => "web";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    /// <exception cref="OutputException">No port could be taken.</exception>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        var access = new WebAccess(settings, Environment);
        _status = new LiveStatus(stream, clock, counters, () => _viewers.Count, Health, Detector, Recording);
        _health = new HealthReport(stream, clock, counters, Health);
        _parts = new WebParts(access, _status, _health, _viewers, _metrics, _stream, Models, Devices, Detector, Recording);
        _server = await WebServer.StartAsync(settings.Port, _parts, clock, counters, log, token).ConfigureAwait(false);
        Started?.Invoke(_server.Address);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var status = _status ?? throw new InvalidOperationException("not started");
        status.Update(localization);
        _health!.Update(localization);
        var now = clock.Now;
        if (_viewers.Count > 0 && now >= _next)
        {
            _next = now + ShortestGap;
            using var picture = _encoder.Encode(localization, status, Spectrum);
            _viewers.Show(picture);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        if (_status is { } status)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
            limit.CancelAfter(Goodbye);
            await _viewers.EndAsync(status.Ended(summary), limit.Token).ConfigureAwait(false);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }

        _encoder.Dispose();
        _status?.Dispose();
    }
}
