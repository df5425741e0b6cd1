using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The live page: what the engine sees and hears, in a browser on this machine. Newest wins twice: the sink never holds up the engine, and no viewer
/// holds up the sink or another viewer. While nobody watches, a localization costs it a few microseconds.
/// </summary>
/// <param name="settings">Port.</param>
/// <param name="clock">The run's clock.</param>
/// <param name="counters">The run's counters: shown on the page; pictures that a viewer was too slow for are <c>web.viewer.dropped.newest_wins</c>.</param>
/// <param name="log">Where it tells its address, and what went wrong.</param>
public sealed class WebSink(WebSettings settings, IClock clock, Counters counters, ILog log) : ISink
{
    /// <summary>No eye needs more pictures per second than 80; a file that runs at a thousand is not encoded a thousand times.</summary>
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(12.5);

    /// <summary>What viewers get to say goodbye; one that does not read is cut off.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    private readonly PageEncoder _encoder = new();
    private readonly Viewers _viewers = new(clock, counters);
    private LiveStatus? _status;
    private WebServer? _server;
    private TimeSpan _next;

    /// <summary>Address of the page once the sink is started, e.g. <c>http://127.0.0.1:8088/</c>.</summary>
    public Uri? Address => _server?.Address;

    /// <summary>Which model runs and which others may be chosen on the page; null if there is no choice.</summary>
    public IModelSwitch? Models { get; init; }

    /// <summary>How the parts of the run are, for the page; null if nobody says.</summary>
    public Health? Health { get; init; }

    /// <summary>Called with the page's address once it can be opened.</summary>
    public Action<Uri>? Started { get; init; }

    /// <inheritdoc/>
    public string Name => "web";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    /// <exception cref="OutputException">No port could be taken.</exception>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _status = new LiveStatus(stream, clock, counters, () => _viewers.Count, Health);
        _server = await WebServer.StartAsync(settings.Port, _status, Models, _viewers, clock, counters, log, token).ConfigureAwait(false);
        Started?.Invoke(_server.Address);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var status = _status ?? throw new InvalidOperationException("not started");
        status.Update(localization);
        var now = clock.Now;
        if (_viewers.Count > 0 && now >= _next)
        {
            _next = now + ShortestGap;
            using var picture = _encoder.Encode(localization, status);
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
