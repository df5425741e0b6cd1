namespace RealtimeSsl.Pipeline;

/// <summary>What a sink is told before the first localization.</summary>
/// <param name="Camera">Name of the camera in messages and topics.</param>
/// <param name="Video">The pictures' source.</param>
/// <param name="Audio">The sound's source; null if there is none.</param>
/// <param name="Model">The localizer.</param>
/// <param name="Folder">The run folder.</param>
public sealed record StreamInfo(string Camera, VideoInfo Video, AudioInfo? Audio, LocalizerInfo Model, string Folder)
{
    /// <summary>UTC at which the run began. Names what has to be unique among runs.</summary>
    public DateTime Started { get; init; } = DateTime.UnixEpoch;
}

/// <summary>
/// Where localizations go. Each sink has a channel and a worker of its own, with the policy it asks for: one that stalls never adds latency to the
/// others. An exception out of a sink is counted and logged; the engine goes on.
/// </summary>
public interface ISink : IAsyncDisposable
{
    /// <summary>Name in logs, counters and metrics.</summary>
    string Name { get; }

    /// <summary>How it wants to be fed.</summary>
    /// <param name="live">Whether the source sets the pace. For files most sinks ask for every frame.</param>
    DeliveryPolicy Policy(bool live);

    /// <summary>Called once, before anything else. An exception here ends the run: better a clear error at the start than a run without its output.</summary>
    ValueTask StartAsync(StreamInfo stream, CancellationToken token);

    /// <summary>Takes one localization. The sink does not keep it after the returned task is done, unless it retains it.</summary>
    ValueTask WriteAsync(Localization localization, CancellationToken token);

    /// <summary>Called once after the last localization; finalises files, says goodbye. Bounded by the token.</summary>
    ValueTask FinishAsync(RunSummary summary, CancellationToken token);
}

/// <summary>A sink that takes the sound, too: blocks come in order, interleaved with the localizations as they came in.</summary>
public interface IAudioSink : ISink
{
    /// <summary>Takes one audio block. Blocks without samples (notices) are not passed on.</summary>
    ValueTask WriteAsync(AudioBlock block, CancellationToken token);
}
