using System.Runtime.ExceptionServices;

namespace RealtimeSsl.Pipeline;

/// <summary>What an engine is put together from.</summary>
/// <param name="Camera">Name of the camera in messages and topics.</param>
/// <param name="Video">The pictures.</param>
/// <param name="Audio">The sound; null if there is none.</param>
/// <param name="Localizer">The method.</param>
/// <param name="Sinks">Where localizations go.</param>
/// <param name="Folder">The run folder.</param>
public sealed record EngineParts(
    string Camera, IVideoSource Video, IAudioSource? Audio, ILocalizer Localizer, IReadOnlyList<ISink> Sinks, string Folder)
{
    /// <summary>An engine whose method may become another one while it runs.</summary>
    public EngineParts(string camera, IVideoSource video, IAudioSource? audio, ModelSwitch models, IReadOnlyList<ISink> sinks, string folder)
        : this(camera, video, audio, models.Localizer, sinks, folder) => Models = models;

    /// <summary>Where another method comes from; null if there is but one.</summary>
    public ModelSwitch? Models { get; }

    /// <summary>Whether sources are looked for: while it is off, frames go out without any and the method rests. Null: always.</summary>
    public Switch? Detection { get; init; }
}

/// <summary>
/// The way of the data, one frame at a time: frame, its audio window, localizer, detector, tracker, fan-out. One loop, no thread of its own
/// besides: sources and sinks have theirs and are met only in channels.
/// </summary>
public sealed class Engine : IDetectorSwitch
{
    /// <summary>Key in the data of an exception that came after the run had begun.</summary>
    public const string WhileRunning = "while running";

    /// <summary>Key in the data of an exception that came before the run had begun: there is nothing to keep.</summary>
    public const string BeforeStart = "before start";

    private readonly EngineParts _parts;
    private readonly EngineSettings _settings;
    private readonly IClock _clock;
    private readonly ILog _log;
    private readonly Counters _counters;
    private readonly LocalizerStage _localizer;
    private readonly SoundHistory? _history;
    private readonly Detector _detector;
    private readonly Tracker _tracker;
    private readonly RunStatistics _statistics;
    private readonly List<SinkWorker> _sinks;
    private readonly ObjectPool<Localization> _pool = new(64);
    private readonly LocalizerOutput _output = new();
    private (int Width, int Height) _size;
    private (int Rows, int Cols) _grid = (1, 1);
    private bool _resting;
    private TimeSpan _previous = TimeSpan.MinValue;

    /// <summary>Puts an engine together; nothing runs yet.</summary>
    public Engine(
        EngineParts parts, EngineSettings settings, DetectorSettings detector, TrackerSettings tracker, IClock clock, Counters counters, ILog log)
    {
        (_parts, _settings, _clock, _counters, _log) = (parts, settings, clock, counters, log);
        (_detector, _tracker) = (new Detector(detector), new Tracker(tracker));
        _localizer = new LocalizerStage(parts.Localizer, parts.Models);
        _history = parts is { Audio: not null, Models: not null } ? new SoundHistory() : null;
        parts.Models?.Attach(_history, frontEnd => MakeAnalyzer(frontEnd, counts: false));
        _statistics = new RunStatistics(clock, counters);
        _sinks = [.. parts.Sinks.Select(s => new SinkWorker(s, parts.Video.Info.Live, clock, counters, log))];
    }

    /// <inheritdoc/>
    public DetectorSettings Detector
    {
        get => _detector.Settings;
        set => _detector.Settings = value;
    }

    /// <summary>Other limits from the next frame on; from any thread.</summary>
    public void Apply(DetectorSettings detector, TrackerSettings tracker) => (_detector.Settings, _tracker.Settings) = (detector, tracker);

    /// <summary>Runs to the end of the source, the time limit or <paramref name="stop"/>, whichever comes first; then finishes all sinks.</summary>
    /// <returns>The run in figures.</returns>
    /// <remarks>
    /// Whatever breaks the loop (the source, the localizer), the sinks are finished first, so that nothing recorded is lost; the exception then
    /// bears <see cref="WhileRunning"/> in its data. If a sink cannot start, the others are put away and its exception is the run's.
    /// </remarks>
    /// <exception cref="SourceException">The source broke.</exception>
    public async Task<RunSummary> RunAsync(CancellationToken stop)
    {
        var info = new StreamInfo(_parts.Camera, _parts.Video.Info, _parts.Audio?.Info, _parts.Localizer.Info, _parts.Folder)
        {
            Started = _clock.ToUtc(_clock.Now),
        };
        await StartAsync(info, stop).ConfigureAwait(false);
        using var feed = MakeFeed();
        ExceptionDispatchInfo? broke = null;
        var ended = "interrupted";
        try
        {
            ended = await LoopAsync(feed, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            e.Data[WhileRunning] = true;
            (broke, ended) = (ExceptionDispatchInfo.Capture(e), e.Message);
        }

        // The sinks' own errors and drops belong into the summary, so it is made when they are done with all that came.
        var limit = TimeSpan.FromSeconds(_settings.FinishSeconds);
        await Task.WhenAll(_sinks.Select(s => s.DrainAsync(limit))).ConfigureAwait(false);
        var summary = _statistics.Summarise(_tracker.Born, ended);
        await Task.WhenAll(_sinks.Select(s => s.FinishAsync(summary))).ConfigureAwait(false);
        broke?.Throw();
        return summary;
    }

    private async Task StartAsync(StreamInfo info, CancellationToken stop)
    {
        try
        {
            foreach (var sink in _sinks)
            {
                await sink.StartAsync(info, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            e.Data[BeforeStart] = true;
            foreach (var sink in _sinks)
            {
                await sink.AbandonAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    private AudioFeed? MakeFeed() => _parts.Audio is { } audio
        ? new AudioFeed(audio, MakeAnalyzer(_parts.Localizer.FrontEnd, counts: true), ShareAsync, _history, _settings, _clock, _counters)
        : null;

    private AudioAnalyzer MakeAnalyzer(AudioFrontEnd frontEnd, bool counts) => new(frontEnd, _counters, _settings.SilenceDbfs) { Counts = counts };

    private async Task<string> LoopAsync(AudioFeed? feed, CancellationToken stop)
    {
        var frames = _parts.Video.Frames;
        _statistics.Begin(DiscardBacklog());
        var limit = _settings.Seconds > 0 ? TimeSpan.FromSeconds(_settings.Seconds) : TimeSpan.MaxValue;
        while (await frames.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            while (frames.TryRead(out var frame))
            {
                if (frame.Time - (_statistics.FirstTime ?? frame.Time) >= limit)
                {
                    frame.Dispose();
                    await EndAsync(feed, (_statistics.FirstTime ?? TimeSpan.Zero) + limit, stop).ConfigureAwait(false);
                    return "time limit";
                }

                await ProcessAsync(frame, feed, stop).ConfigureAwait(false);
                stop.ThrowIfCancellationRequested();
            }
        }

        await EndAsync(feed, TimeSpan.MaxValue, stop).ConfigureAwait(false);
        return "end of source";
    }

    /// <summary>Live, what came while the sinks were starting is old by now.</summary>
    private int DiscardBacklog()
    {
        var discarded = 0;
        while (_parts.Video.Info.Live && _parts.Video.Frames.TryRead(out var frame))
        {
            frame.Dispose();
            discarded++;
        }

        return discarded;
    }

    private static ValueTask EndAsync(AudioFeed? feed, TimeSpan until, CancellationToken stop) =>
        feed?.DrainAsync(until, stop) ?? ValueTask.CompletedTask;

    private async ValueTask ProcessAsync(VideoFrame frame, AudioFeed? feed, CancellationToken stop)
    {
        Localization done;
        try
        {
            var window = feed is null ? AudioWindow.None : await feed.WindowAsync(frame, stop).ConfigureAwait(false);
            done = Localize(frame, window, feed);
        }
        catch
        {
            frame.Dispose();
            throw;
        }

        using (done)
        {
            foreach (var sink in _sinks)
            {
                await sink.PostAsync(done, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The hot path: synchronous, on one thread, and it allocates nothing once its buffers have grown.</summary>
    private Localization Localize(VideoFrame frame, AudioWindow window, AudioFeed? feed)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var paired = _clock.Now;
        ResetIfCut(frame);

        var done = _pool.TryTake() ?? new Localization(_pool);
        done.Lend();
        _output.Heatmap = done.Heatmap;
        var rest = _parts.Detection is { IsOn: false };
        Infer(frame, feed, ref window, rest);
        var inferred = _clock.Now;

        _detector.Detect(_output, done.SourceList);
        if (rest)
        {
            done.SourceList.Clear();
        }

        _tracker.Update(done.SourceList, frame.Time, silent: rest || window.Dbfs is null);
        Describe(done, frame, window, feed?.DriftPpm ?? 0);
        var published = _clock.Now;
        done.PublishedAt = _clock.ToUtc(published);
        done.Latency = new StageLatency(
            _parts.Video.Info.Live ? (frame.Arrived - frame.Time).TotalMilliseconds : 0,
            (paired - frame.Arrived).TotalMilliseconds,
            (inferred - paired).TotalMilliseconds,
            (published - inferred).TotalMilliseconds,
            (published - frame.Arrived).TotalMilliseconds);
        _statistics.Add(done, GC.GetAllocatedBytesForCurrentThread() - allocated);
        return done;
    }

    /// <summary>The method's answer, or that nobody asked for one. A model that waits to take over is let in all the same.</summary>
    private void Infer(VideoFrame frame, AudioFeed? feed, ref AudioWindow window, bool rest)
    {
        if (_resting && !rest)
        {
            // What it knew before the break says nothing about now.
            _localizer.Reset();
        }

        _resting = rest;
        if (!rest || _parts.Models?.Ready is not null)
        {
            _localizer.Localize(frame, feed, ref window, _output);
            _grid = (_output.Heatmap.Rows, _output.Heatmap.Cols);
        }

        if (rest)
        {
            (_output.Presence, _output.Why) = (0, "detection off");
            _output.Heatmap.Resize(_grid.Rows, _grid.Cols);
            _output.Heatmap.Scores.Clear();
            (_output.Heatmap.Low, _output.Heatmap.High, _output.Heatmap.Label) = (0, 1, null);
        }
    }

    private void Describe(Localization done, VideoFrame frame, in AudioWindow window, double driftPpm)
    {
        var video = _parts.Video.Info;
        done.Frame = frame;
        done.Seq = _statistics.Processed;
        done.MediaTime = (frame.Time - video.MediaOrigin)?.TotalSeconds;
        done.CapturedAt = video.RecordedAt + frame.Time ?? _clock.ToUtc(video.Live ? frame.Time : frame.Arrived);
        done.Audio = window.Exists
            ? new AudioSpan(window.From, window.To, window.Dbfs, (frame.Time - window.To).TotalMilliseconds, driftPpm)
            : null;
        done.Presence = _output.Presence;
        done.Why = done.SourceList.Count > 0 ? null : _output.Why;
        done.Model = _localizer.Info;
        _statistics.CollectDrops(done.DroppedList);
    }

    private void ResetIfCut(VideoFrame frame)
    {
        var size = (frame.Width, frame.Height);
        if (size != _size || frame.Time < _previous)
        {
            if (_size != default)
            {
                _counters["engine.resets"].Add();
                _log.Info($"the picture changed to {frame.Width}x{frame.Height} or its time stepped back: starting afresh");
            }

            _localizer.Reset();
            _tracker.Reset();
            _parts.Models?.Show(frame.Width, frame.Height);
        }

        (_size, _previous) = (size, frame.Time);
    }

    private async ValueTask ShareAsync(AudioBlock block, CancellationToken stop)
    {
        foreach (var sink in _sinks)
        {
            if (sink.TakesAudio)
            {
                await sink.PostAsync(block, stop).ConfigureAwait(false);
            }
        }
    }
}
