using System.Globalization;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The figures of a run for Prometheus (<c>/metrics</c>): latency histograms per stage, frames, drops by cause, reconnects, errors, the sinks' queues,
/// memory. A sink of its own, because the page's sees only the newest and a histogram has to have them all.
/// </summary>
/// <param name="clock">The run's clock.</param>
/// <param name="counters">The run's counters and gauges.</param>
public sealed class MetricsSink(IClock clock, Counters counters) : ISink
{
    private static readonly string[] Stages = ["capture", "align", "infer", "publish", "total"];
    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
    private readonly Lock _gate = new();
    private readonly long[,] _counts = new long[Stages.Length, Bounds.Length + 1];
    private readonly double[] _sums = new double[Stages.Length];
    private readonly FrameRate _rate = new();
    private readonly TimeSpan _began = clock.Now;
    private StreamInfo? _stream;
    private LocalizerInfo? _model;
    private long _frames;
    private int _sources;
    private double _presence;
    private AudioSpan? _audio;

    /// <inheritdoc/>
    public string Name => "metrics";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(16);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        (_stream, _model) = (stream, stream.Model);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var took = localization.Latency;
        lock (_gate)
        {
            Add(0, took.Capture);
            Add(1, took.Align);
            Add(2, took.Infer);
            Add(3, took.Publish);
            Add(4, took.Total);
            _frames++;
            _rate.Add(clock.Now, localization.Frame.Seq, localization.Seq);
            (_sources, _presence, _audio, _model) = (localization.Sources.Count, localization.Presence, localization.Audio, localization.Model);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The text format of Prometheus, version 0.0.4.</summary>
    internal string Write(HealthReport? health, int viewers)
    {
        var text = new MetricsText(_stream?.Camera ?? "");
        lock (_gate)
        {
            var (into, done) = _rate.At(clock.Now);
            text.Family("latency_seconds", "histogram", "Where the time of a frame went, by stage.");
            for (var stage = 0; stage < Stages.Length; stage++)
            {
                var (sum, labels) = (0L, $"stage=\"{Stages[stage]}\"");
                for (var bucket = 0; bucket <= Bounds.Length; bucket++)
                {
                    sum += _counts[stage, bucket];
                    var bound = bucket < Bounds.Length ? Bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    text.Sample("latency_seconds_bucket", sum, $"{labels},le=\"{bound}\"");
                }

                text.Sample("latency_seconds_sum", _sums[stage], labels);
                text.Sample("latency_seconds_count", sum, labels);
            }

            text.One("frames_total", "counter", "Frames localized.", _frames);
            text.One("captured_fps", "gauge", "Frames per second that the source delivers.", into);
            text.One("localized_fps", "gauge", "Frames per second that are localized.", done);
            text.One("sources", "gauge", "Sources in the last frame.", _sources);
            text.One("presence_ratio", "gauge", "Whether the sound comes from the picture at all, 0 to 1.", _presence);
            if (_audio is { } audio)
            {
                text.One("audio_offset_seconds", "gauge", "How far the sound in hand lagged behind the picture.", audio.OffsetMs / 1000);
                text.One("audio_drift_ppm", "gauge", "Speed of the sound's clock against the engine's, in parts per million.", audio.DriftPpm);
            }

            if (_model is { } model)
            {
                text.Family("model_info", "gauge", "The running model; always 1.");
                text.Sample("model_info", 1, MetricsText.Labels(("model", model.Name), ("device", model.Device.Effective), ("requested", model.Device.Requested)));
            }
        }

        text.One("viewers", "gauge", "Viewers of the live page.", viewers);
        text.Counters(counters);
        text.Health(health);
        text.Process((clock.Now - _began).TotalSeconds);
        return text.ToString();
    }

    private void Add(int stage, double ms)
    {
        var (seconds, bucket) = (ms / 1000, 0);
        while (bucket < Bounds.Length && seconds > Bounds[bucket])
        {
            bucket++;
        }

        _counts[stage, bucket]++;
        _sums[stage] += seconds;
    }
}
