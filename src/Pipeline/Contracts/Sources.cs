using System.Threading.Channels;

namespace RealtimeSsl.Pipeline;

/// <summary>What a video source delivers. Frames carry their own size, which may change (reconnect, next file).</summary>
/// <param name="Name">As a person would name it; without credentials.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Fps">Nominal frames per second; null if unknown or variable.</param>
/// <param name="Live">Delivers at its own pace (camera, URL, paced file): newest wins. Otherwise the engine sets the pace.</param>
/// <param name="Duration">Length of a file, if known: for progress and ETA.</param>
public sealed record VideoInfo(string Name, int Width, int Height, double? Fps, bool Live, TimeSpan? Duration = null)
{
    /// <summary>
    /// Originating time at which the media's own time is zero; null where there is none (cameras, live streams). Zero for files; the moment
    /// of release for a file that is paced as if live.
    /// </summary>
    public TimeSpan? MediaOrigin { get; init; } = Live ? null : TimeSpan.Zero;

    /// <summary>For a recording that is played back: the UTC at which its timeline's zero was captured; null for all else.</summary>
    public DateTime? RecordedAt { get; init; }
}

/// <summary>What an audio source delivers.</summary>
/// <param name="Name">As a person would name it; without credentials.</param>
/// <param name="Rate">Hz.</param>
/// <param name="Channels">Channel count.</param>
/// <param name="Live">Delivers at its own pace.</param>
public sealed record AudioInfo(string Name, int Rate, int Channels, bool Live);

/// <summary>
/// A running source of pictures. It reads on a thread of its own and stamps at capture; its channel completes at the end of the source,
/// with a <see cref="SourceException"/> if it failed. Reconnecting, where it makes sense, is its own business and counted.
/// </summary>
public interface IVideoSource : IAsyncDisposable
{
    /// <summary>What it delivers.</summary>
    VideoInfo Info { get; }

    /// <summary>The frames in the order of their times. The reader disposes each.</summary>
    ChannelReader<VideoFrame> Frames { get; }
}

/// <summary>A running source of sound; see <see cref="IVideoSource"/>.</summary>
public interface IAudioSource : IAsyncDisposable
{
    /// <summary>What it delivers.</summary>
    AudioInfo Info { get; }

    /// <summary>The blocks in the order of their times. The reader disposes each.</summary>
    ChannelReader<AudioBlock> Blocks { get; }

    /// <summary>Speed of its clock against the engine's, in parts per million; 0 where there is one clock for both.</summary>
    double DriftPpm { get; }
}

/// <summary>A source cannot be opened or broke. The message is one line for a person: what, which, the way out; no credentials.</summary>
public sealed class SourceException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a source needs of the engine to run.</summary>
/// <param name="Clock">The run's clock.</param>
/// <param name="Counters">Where gaps, drops, resets and reconnects are counted.</param>
/// <param name="Log">Where it tells what happens.</param>
public sealed record SourceContext(IClock Clock, Counters Counters, ILog Log);
