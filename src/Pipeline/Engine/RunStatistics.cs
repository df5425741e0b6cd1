using System.Diagnostics;

namespace RealtimeSsl.Pipeline;

/// <summary>Collects the figures of a run, one localization at a time; <see cref="Summarise"/> makes the summary.</summary>
internal sealed class RunStatistics(IClock clock, Counters counters)
{
    /// <summary>Buffers grow and code is compiled during the first frames; allocations count after these.</summary>
    private const int WarmUp = 64;

    private readonly LatencyHistogram _capture = new();
    private readonly LatencyHistogram _align = new();
    private readonly LatencyHistogram _infer = new();
    private readonly LatencyHistogram _publish = new();
    private readonly LatencyHistogram _total = new();
    private readonly TimeSpan _began = clock.Now;
    private readonly Dictionary<string, long> _reported = [];
    private readonly List<ModelUse> _models = [];
    private TimeSpan? _firstTime;
    private TimeSpan _lastTime;
    private long _firstSeq;
    private long _lastSeq = -1;
    private long _processed;
    private long _sounding;
    private long _withAudio;
    private double _offsetMs;
    private double? _drift;
    private long _allocated;

    /// <summary>Localizations so far.</summary>
    public long Processed => _processed;

    /// <summary>First frame's time, once there was one.</summary>
    public TimeSpan? FirstTime => _firstTime;

    /// <summary>
    /// The run begins now. What a live source delivered while the sinks were starting was never meant to be seen: it counts as
    /// <c>engine.before_start</c>, not as dropped.
    /// </summary>
    /// <param name="discarded">Frames that were still waiting.</param>
    public void Begin(long discarded)
    {
        foreach (var counter in _watched)
        {
            var before = counter.Value;
            counter.Add(-before);
            discarded += before;
        }

        counters["engine.before_start"].Add(discarded);
    }

    /// <summary>Frames dropped since the last call, by cause: what a message tells.</summary>
    public void CollectDrops(List<DroppedFrames> into)
    {
        into.Clear();
        foreach (var counter in _watched)
        {
            var before = _reported.GetValueOrDefault(counter.Name);
            if (counter.Value > before)
            {
                into.Add(new DroppedFrames(counter.Name[DropPrefix.Length..], counter.Value - before));
                _reported[counter.Name] = counter.Value;
            }
        }
    }

    private const string DropPrefix = "video.dropped.";

    private readonly Counter[] _watched =
    [
        counters[DropPrefix + "newest_wins"],
        counters[DropPrefix + "too_late"],
        counters[DropPrefix + "full"],
        counters[DropPrefix + "closed"],
    ];

    /// <summary>Takes one localization into account.</summary>
    /// <param name="done">The localization, complete.</param>
    /// <param name="allocatedBytes">Managed bytes that the engine's thread allocated for it.</param>
    public void Add(Localization done, long allocatedBytes)
    {
        if (_processed++ == 0)
        {
            (_firstTime, _firstSeq) = (done.Time, done.Frame.Seq);
        }

        if (_models.Count == 0 || !ReferenceEquals(_models[^1].Model, done.Model))
        {
            _models.Add(new ModelUse(done.Model, done.Seq));
        }

        (_lastTime, _lastSeq) = (done.Time, done.Frame.Seq);
        _sounding += done.Sources.Count > 0 ? 1 : 0;
        if (done.Audio is { } audio)
        {
            _withAudio++;
            _offsetMs += audio.OffsetMs;
            _drift = audio.DriftPpm;
        }

        if (_processed > WarmUp)
        {
            _allocated += allocatedBytes;
        }

        var latency = done.Latency;
        _capture.Add(latency.Capture);
        _align.Add(latency.Align);
        _infer.Add(latency.Infer);
        _publish.Add(latency.Publish);
        _total.Add(latency.Total);
    }

    /// <summary>The run in figures.</summary>
    public RunSummary Summarise(int tracks, string ended)
    {
        var wall = (clock.Now - _began).TotalSeconds;
        var dropped = counters.All.Where(c => c.Name.StartsWith(DropPrefix, StringComparison.Ordinal) && c.Value > 0)
            .ToDictionary(c => c.Name[DropPrefix.Length..], c => c.Value);

        // The sources number every frame they deliver; whatever is neither processed nor counted was lost without a trace, and we say so.
        var unattributed = _lastSeq + 1 - _firstSeq - _processed - dropped.Where(d => d.Key != "closed").Sum(d => d.Value);
        if (unattributed > 0)
        {
            dropped["unattributed"] = unattributed;
        }

        using var process = Process.GetCurrentProcess();
        return new RunSummary
        {
            FramesIn = _processed + dropped.Values.Sum(),
            FramesProcessed = _processed,
            FramesDropped = dropped,
            Counters = counters.All.Where(c => c.Value > 0).ToDictionary(c => c.Name, c => c.Value),
            Fps = wall > 0 ? Math.Round(_processed / wall, 2) : 0,
            WallSeconds = Math.Round(wall, 3),
            MediaSeconds = Math.Round((_lastTime - (_firstTime ?? _lastTime)).TotalSeconds, 3),
            SoundingShare = _processed > 0 ? Math.Round((double)_sounding / _processed, 4) : 0,
            Tracks = tracks,
            LatencyMs = new Dictionary<string, Percentiles>
            {
                ["capture"] = _capture.Percentiles(),
                ["align"] = _align.Percentiles(),
                ["infer"] = _infer.Percentiles(),
                ["publish"] = _publish.Percentiles(),
                ["total"] = _total.Percentiles(),
            },
            AvOffsetMs = _withAudio > 0 ? Math.Round(_offsetMs / _withAudio, 3) : null,
            DriftPpm = _drift is { } drift ? Math.Round(drift, 1) : null,
            Models = _models,
            AllocatedBytesPerFrame = _processed > WarmUp ? Math.Round((double)_allocated / (_processed - WarmUp), 1) : 0,
            PeakRssMb = Math.Round(process.PeakWorkingSet64 / 1048576.0, 1),
            Ended = ended,
        };
    }
}
