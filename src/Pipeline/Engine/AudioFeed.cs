namespace RealtimeSsl.Pipeline;

/// <summary>
/// The synchronizer: for a frame's originating time it gives the audio window up to that time. Three answers: the window is there; it is
/// not there yet (wait: for a file as long as the stream has more, live for the frame's patience); or it does not exist (no such audio will
/// come). Which samples meet which frame depends on their times alone, so a file gives the same pairs on every run.
/// </summary>
internal sealed class AudioFeed : IDisposable
{
    /// <summary>A live microphone that has been quiet this long is gone; frames no longer wait for it.</summary>
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(0.5);

    private readonly IAudioSource _source;
    private readonly Func<AudioBlock, CancellationToken, ValueTask> _forward;
    private readonly SoundHistory? _history;
    private readonly IClock _clock;
    private readonly TimeSpan _patience;
    private readonly Counter _late;
    private readonly Counter _missing;
    private AudioAnalyzer _analyzer;
    private AudioAnalyzer? _follower;
    private CancellationTokenSource _deadline = new();
    private TimeSpan? _begin;
    private TimeSpan _lastArrival;
    private bool _ended;

    /// <summary>Makes the feed.</summary>
    /// <param name="source">Where the blocks come from.</param>
    /// <param name="analyzer">What turns them into columns.</param>
    /// <param name="forward">Called with each block that has samples, before it is given back: the sinks' share.</param>
    /// <param name="history">Where the newest sound is kept for the front end of another model; null if there will be none.</param>
    /// <param name="settings">Patience.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="counters">Where late and missing sound is counted.</param>
    public AudioFeed(
        IAudioSource source,
        AudioAnalyzer analyzer,
        Func<AudioBlock, CancellationToken, ValueTask> forward,
        SoundHistory? history,
        EngineSettings settings,
        IClock clock,
        Counters counters)
    {
        (_source, _analyzer, _forward, _history, _clock) = (source, analyzer, forward, history, clock);
        _patience = TimeSpan.FromMilliseconds(settings.PatienceMs);
        _late = counters["audio.late"];
        _missing = counters["audio.missing"];
        _lastArrival = clock.Now;
    }

    /// <summary>The source's clock against the engine's, ppm.</summary>
    public double DriftPpm => _source.DriftPpm;

    /// <summary>The window up to the frame's time, or <see cref="AudioWindow.None"/>.</summary>
    public async ValueTask<AudioWindow> WindowAsync(VideoFrame frame, CancellationToken stop)
    {
        _begin ??= _source.Info.Live ? frame.Time : TimeSpan.MinValue;
        while (_analyzer.CoveredUntil < frame.Time && !_ended)
        {
            if (_source.Blocks.TryRead(out var block))
            {
                await TakeAsync(block, stop).ConfigureAwait(false);
            }
            else if (!await MoreAsync(frame, stop).ConfigureAwait(false))
            {
                break;
            }
        }

        var window = _analyzer.WindowAt(frame.Time);
        if (!window.Exists || frame.Time - window.To > Gone)
        {
            _missing.Add();
            return AudioWindow.None;
        }

        return window;
    }

    /// <summary>Passes on what sound is left when the last picture is done: a recording ends with its sound.</summary>
    public async ValueTask DrainAsync(TimeSpan until, CancellationToken stop)
    {
        while (!_ended && _analyzer.CoveredUntil < until)
        {
            if (_source.Blocks.TryRead(out var block))
            {
                await TakeAsync(block, stop).ConfigureAwait(false);
            }
            else if (_source.Info.Live || !await WaitAsync(stop).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>Lets the next model's front end hear what it has not heard yet, and from now on all that comes.</summary>
    public void Follow(ModelSwitch.Candidate next)
    {
        if (next.Analyzer is { } analyzer && _history is not null)
        {
            _history.Replay(analyzer, next.Heard);
            if (_ended)
            {
                analyzer.End();
            }

            _follower = analyzer;
        }
    }

    /// <summary>The window of the next model's front end up to the frame's time.</summary>
    public AudioWindow FollowersWindow(VideoFrame frame) => _follower?.WindowAt(frame.Time) ?? AudioWindow.None;

    /// <summary>From now on windows are those of the next model's front end.</summary>
    public void Adopt()
    {
        if (_follower is { } next)
        {
            (_analyzer, _follower) = (next, null);
            next.Counts = true;
        }
    }

    /// <summary>The next model is not to be.</summary>
    public void Unfollow() => _follower = null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _deadline.Dispose();
        _history?.Dispose();
    }

    private async ValueTask TakeAsync(AudioBlock block, CancellationToken stop)
    {
        try
        {
            _lastArrival = block.Arrived;
            _analyzer.Push(block);
            _follower?.Push(block);
            _history?.Add(block);

            // Live, the sound from before the first picture is heard, but not shown.
            if (block.Length > 0 && block.End > _begin)
            {
                await _forward(block, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            block.Dispose();
        }
    }

    /// <summary>Waits for the next block. False: do not wait any longer.</summary>
    private async ValueTask<bool> MoreAsync(VideoFrame frame, CancellationToken stop)
    {
        if (!_source.Info.Live)
        {
            return await WaitAsync(stop).ConfigureAwait(false);
        }

        var left = frame.Arrived + _patience - _clock.Now;
        if (left <= TimeSpan.Zero || _clock.Now - _lastArrival > Gone)
        {
            _late.Add();
            return false;
        }

        if (!_deadline.TryReset())
        {
            _deadline.Dispose();
            _deadline = new CancellationTokenSource();
        }

        _deadline.CancelAfter(left);
        try
        {
            return await WaitAsync(_deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            _late.Add();
            return false;
        }
        finally
        {
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>False at the end of the stream. A stream that broke has told so itself; the pictures go on without it.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken token)
    {
        try
        {
            if (await _source.Blocks.WaitToReadAsync(token).ConfigureAwait(false))
            {
                return true;
            }
        }
        catch (SourceException)
        {
            // Reported where it happened, and again as the picture's own error if both come from one stream.
        }

        _ended = true;
        _analyzer.End();
        _follower?.End();
        return false;
    }
}
