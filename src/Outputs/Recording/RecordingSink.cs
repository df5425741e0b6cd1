using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Records one layer, the annotated picture or the captured one, while the switch is on. Each stretch between on and off is a <see cref="LayerRecording"/> with
/// files and sidecars of its own; what one leaves to be done at its end is done beside the next. Off, it costs nothing and loses nothing.
/// </summary>
public sealed class RecordingSink : IAudioSink
{
    // For what a stopped encoder has left and for putting the index first, in the background.
    private static readonly TimeSpan MostClosing = TimeSpan.FromMinutes(3);

    private readonly RecordingLayer _layer;
    private readonly RecordingSettings _settings;
    private readonly IClock _clock;
    private readonly Counters _counters;
    private readonly ILog _log;
    private readonly Health? _health;
    private readonly OverlayRenderer? _overlay;
    private StreamInfo? _stream;
    private EncoderChoice? _choice;
    private LayerRecording? _recording;
    private Task _closing = Task.CompletedTask;
    private bool _tidied = true;
    private bool _begun;

    /// <summary>Makes the sink.</summary>
    /// <param name="layer">What it shows.</param>
    /// <param name="overlay">What is drawn over the annotated layer.</param>
    /// <param name="settings">What is kept, where, and how it is encoded.</param>
    /// <param name="clock">Whose time counts.</param>
    /// <param name="counters">Where losses are counted: <c>record.*</c>, <c>record_source.*</c>.</param>
    /// <param name="log">Who is told.</param>
    /// <param name="health">Where it says how it is, under its name; null for nobody.</param>
    public RecordingSink(
        RecordingLayer layer, OverlaySettings overlay, RecordingSettings settings, IClock clock, Counters counters, ILog log, Health? health = null)
    {
        (_layer, _settings, _clock, _counters, _log, _health) = (layer, settings, clock, counters, log, health);
        _overlay = layer == RecordingLayer.Annotated ? new OverlayRenderer(overlay) : null;
    }

    /// <summary>
    /// Whether to record; what is switched takes effect with the next frame or block of sound. If nothing can be recorded here it is blocked, unless it was on from
    /// the begin: then the run does not begin.
    /// </summary>
    public Switch Recording { get; init; } = new("recording", true);

    /// <summary>What is drawn; other settings hold from the next picture on, and may be given from any thread. The source layer has none.</summary>
    public OverlaySettings Overlay
    {
        get => _overlay?.Settings ?? new OverlaySettings();
        set
        {
            if (_overlay is not null)
            {
                _overlay.Settings = value;
            }
        }
    }

    /// <inheritdoc/>
    public string Name => _layer == RecordingLayer.Annotated ? "record" : "record_source";

    /// <summary>Name of a whole run's recording in the run folder.</summary>
    public static string FileName(RecordingLayer layer) => layer == RecordingLayer.Annotated ? "annotated.mp4" : "source.mp4";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 128 : 8);

    /// <inheritdoc/>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _stream = stream;
        if (Recording.IsOn)
        {
            await BeginAsync(stream, token).ConfigureAwait(false);
            return;
        }

        try
        {
            await FfmpegProcess.CheckAsync(_settings.Ffmpeg, token).ConfigureAwait(false);
        }
        catch (OutputException e)
        {
            Recording.Block(e.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        await FollowAsync(token).ConfigureAwait(false);
        _begun = true;
        _recording?.Write(localization);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(AudioBlock block, CancellationToken token)
    {
        await FollowAsync(token).ConfigureAwait(false);
        _recording?.Write(block);
    }

    /// <inheritdoc/>
    public async ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        try
        {
            if (_recording is { } recording)
            {
                await recording.FinishAsync(trim: summary.Ended != "end of source", token).ConfigureAwait(false);
            }

            await _closing.WaitAsync(token).ConfigureAwait(false);
            _health?.Remove(Name);
        }
        finally
        {
            (_recording, var ended) = (null, _recording);
            ended?.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Without a finish something went wrong elsewhere: what is recorded is made whole all the same.
        if (_recording is not null)
        {
            End(TimeSpan.FromSeconds(10));
        }

        try
        {
            await _closing.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A long file on a slow disk, or an encoder that hangs: the part file stays, and plays.
            _counters[$"{Name}.unfinished"].Add();
        }

        _overlay?.Dispose();
    }

    /// <summary>As the switch is: begins, ends, and when an end is done, says no more that it records.</summary>
    private async ValueTask FollowAsync(CancellationToken token)
    {
        var on = Recording.IsOn;
        if (on && _recording is null && _stream is { } stream)
        {
            try
            {
                await BeginAsync(stream, token).ConfigureAwait(false);
                _log.Info($"{Name}: on");
            }
            catch (OutputException e)
            {
                _health?.Set(Name, false, e.Message);
                _log.Error($"{Name}: nothing is recorded: {e.Message}");
                Recording.Set(false);
            }
        }
        else if (!on && _recording is not null)
        {
            _log.Info($"{Name}: off");
            End(MostClosing);
            _tidied = false;
        }
        else if (!on && !_tidied && _closing.IsCompleted)
        {
            _tidied = true;
            _health?.Remove(Name);
        }
    }

    private async Task BeginAsync(StreamInfo stream, CancellationToken token)
    {
        if (_choice is null)
        {
            await FfmpegProcess.CheckAsync(_settings.Ffmpeg, token).ConfigureAwait(false);
            _choice = await EncoderChoice.ForAsync(_settings, token).ConfigureAwait(false);
            var (requested, effective, why) = _choice.Device;
            if (requested != effective)
            {
                _log.Write(requested == "auto" ? LogLevel.Info : LogLevel.Warning, $"{Name}: encodes with {effective}; {requested} was asked for{(why is null ? "" : $" ({why})")}");
            }
        }

        var context = new RecorderContext(Name, _settings, stream, _clock, _counters, _log, _health);
        _recording = new LayerRecording(context, _layer, _choice, _overlay, fromBegin: !_begun);

        // Anew: since when it records is what a viewer wants to know.
        _health?.Remove(Name);
        _health?.Set(Name, true);
    }

    private void End(TimeSpan limit)
    {
        (_recording, var ended) = (null, _recording!);
        _closing = Task.WhenAll(_closing, Task.Run(async () =>
        {
            using var time = new CancellationTokenSource(limit);
            try
            {
                await ended.FinishAsync(trim: true, time.Token).ConfigureAwait(false);
            }
            catch (OutputException e)
            {
                // What there is stays as it is, and plays.
                _counters[$"{Name}.unfinished"].Add();
                _log.Warn($"{Name}: {e.Message}");
            }
            finally
            {
                ended.Dispose();
            }
        }));
    }
}
