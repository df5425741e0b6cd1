using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>
/// Runs the engine itself, with synchrony, on some seconds of the scene, and keeps the last localizations with sources: what the stages behind the
/// localizer are fed. The run's own figures are those of the localizer.
/// </summary>
internal sealed class Harvest : ISink
{
    private const double Seconds = 5;
    private const int Kept = 8;
    private readonly Queue<Localization> _kept = [];

    private Harvest()
    {
    }

    /// <inheritdoc/>
    public string Name => "bench";

    /// <summary>What was found, with sources in each.</summary>
    public IReadOnlyList<Localization> Found => [.. _kept];

    /// <summary>What the sinks were told.</summary>
    public StreamInfo Stream { get; private set; } = null!;

    /// <summary>Figures of the run.</summary>
    public RunSummary Summary { get; private set; } = null!;

    /// <summary>Runs the engine.</summary>
    /// <exception cref="InferenceException">Nothing was found in a scene in which two things sound.</exception>
    public static async Task<Harvest> ReapAsync((int Width, int Height) size, LocalizerOptions options, CancellationToken stop)
    {
        var (clock, counters, log, sink) = (new MonotonicClock(), new Counters(), new QuietLog(), new Harvest());
        var scene = new SyntheticOptions { Scene = Material.SceneName, Width = size.Width, Height = size.Height, Fps = Material.Fps, Live = false, Seconds = Seconds };
        await using var source = new SyntheticSource(scene, new SourceContext(clock, counters, log));
        using var localizer = LocalizerFactory.Create("synchrony", options);
        var parts = new EngineParts("cam0", source, source, localizer, [sink], "");
        var engine = new Engine(parts, new EngineSettings(), new DetectorSettings(), new TrackerSettings(), clock, counters, log);
        sink.Summary = await engine.RunAsync(stop).ConfigureAwait(false);
        return sink._kept.Count > 0
            ? sink
            : throw new InferenceException($"synchrony finds no source in scene '{Material.SceneName}' at {size.Width}x{size.Height}: choose a larger --size");
    }

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(Kept);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        Stream = stream;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        if (localization.Sources.Count > 0)
        {
            localization.Retain();
            _kept.Enqueue(localization);
            if (_kept.Count > Kept)
            {
                _kept.Dequeue().Dispose();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => ValueTask.CompletedTask;

    /// <summary>Called by the engine at the end of the run; what was kept is given back by <see cref="Release"/>.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Gives back what was kept.</summary>
    public void Release()
    {
        while (_kept.TryDequeue(out var localization))
        {
            localization.Dispose();
        }
    }
}
