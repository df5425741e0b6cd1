using System.Threading.Channels;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>
/// Pictures and sound of a file or a URL, decoded by one ffmpeg child. A file is read without loss, at the pace of its reader, on its own
/// timeline; the same file gives the same frames, samples and times on every run. A URL (and a file with
/// <see cref="MediaOptions.Realtime"/>) sets the pace itself: newest wins, on the engine's clock.
/// </summary>
public sealed class MediaSource : IVideoSource, IAudioSource
{
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly SourceContext _context;
    private readonly MediaFeed _feed;
    private readonly Thread _thread;
    private readonly VideoInfo? _video;
    private readonly AudioInfo? _audio;
    private readonly string _name;

    /// <summary>Starts to deliver.</summary>
    /// <param name="name">As a person would name it.</param>
    /// <param name="context">Clock, counters, log.</param>
    /// <param name="feed">The channels.</param>
    /// <param name="video">The pictures; null if there are none.</param>
    /// <param name="audio">The sound; null if there is none.</param>
    /// <param name="run">Fills the channels, on a thread of its own, until it is done or told to stop.</param>
    internal MediaSource(
        string name, SourceContext context, MediaFeed feed, VideoInfo? video, AudioInfo? audio, Action<CancellationToken> run)
    {
        (_name, _context, _feed, _video, _audio) = (name, context, feed, video, audio);
        _thread = new Thread(() => Run(run)) { IsBackground = true, Name = "media" };
        if (video is null)
        {
            feed.Frames.Complete();
        }

        if (audio is null)
        {
            feed.Blocks.Complete();
        }

        _thread.Start();
    }

    /// <summary>Whether it delivers pictures: wanted and there.</summary>
    public bool HasVideo => _video is not null;

    /// <summary>Whether it delivers sound: wanted and there.</summary>
    public bool HasAudio => _audio is not null;

    /// <summary>Its pictures.</summary>
    /// <exception cref="InvalidOperationException"><see cref="HasVideo"/> is false.</exception>
    public VideoInfo Video => _video ?? throw new InvalidOperationException($"{_name} delivers no pictures");

    /// <summary>Its sound.</summary>
    /// <exception cref="InvalidOperationException"><see cref="HasAudio"/> is false.</exception>
    public AudioInfo Audio => _audio ?? throw new InvalidOperationException($"{_name} delivers no sound");

    VideoInfo IVideoSource.Info => Video;

    AudioInfo IAudioSource.Info => Audio;

    /// <inheritdoc/>
    public ChannelReader<VideoFrame> Frames => _feed.Frames;

    /// <inheritdoc/>
    public ChannelReader<AudioBlock> Blocks => _feed.Blocks;

    /// <summary>0: pictures and sound come on one clock.</summary>
    public double DriftPpm => 0;

    /// <summary>Opens the input and starts to read.</summary>
    /// <exception cref="SourceException">It cannot be read, or lacks what is wanted; the message says what to do.</exception>
    public static Task<MediaSource> OpenAsync(MediaOptions options, SourceContext context, CancellationToken token) =>
        Task.Run(() => options.IsUrl ? OpenUrl(options, context, token) : OpenPath(options, context, token), token);

    private static MediaSource OpenPath(MediaOptions options, SourceContext context, CancellationToken token)
    {
        var (connection, facts) = OpenFile(options, token);
        return Finite(Path.GetFileName(options.Input), options, connection, facts.Fps, facts.Duration, context);
    }

    private static MediaSource OpenUrl(MediaOptions options, SourceContext context, CancellationToken token)
    {
        var name = Redact.Urls(options.Input);
        var live = new LiveMedia(name, options, context);
        var connection = live.Connect(token);
        RequireStreams(name, options, connection.Video is not null, connection.Audio is not null);
        if (live.Kind == MediaKind.InterleavedFile)
        {
            return Finite(name, options, connection, connection.Video?.Fps, null, context);
        }

        var video = connection.Video is { } v ? new VideoInfo(name, v.Width, v.Height, Plausible(v.Fps), Live: true) : null;
        var audio = connection.Audio is { } a ? new AudioInfo(name, a.Rate, a.Channels, Live: true) : null;
        var pinned = options with { WantAudio = audio is not null, AudioRate = audio?.Rate, AudioChannels = audio?.Channels };
        var feed = MediaFeed.For(options, live: true, context, video, audio);
        return new MediaSource(name, context, feed, video, audio, stop => live.Run(connection, feed, pinned, context.Clock.Now, stop));
    }

    private static MediaSource Finite(
        string name, MediaOptions options, MediaConnection connection, double? fps, TimeSpan? duration, SourceContext context)
    {
        Timeline timeline = options.Realtime
            ? new PacedTimeline(context.Clock, context.Clock.Now + PacedTimeline.HeadStart - options.Origin, options.Origin)
            : new FileTimeline(options.Origin);
        var video = connection.Video is { } v
            ? new VideoInfo(name, v.Width, v.Height, Plausible(fps), options.Realtime, duration)
            {
                MediaOrigin = timeline.Origin,
                RecordedAt = options.Realtime ? null : options.RecordedAt - options.Origin,
            }
            : null;
        var audio = connection.Audio is { } a ? new AudioInfo(name, a.Rate, a.Channels, options.Realtime) : null;
        var feed = MediaFeed.For(options, options.Realtime, context, video, audio);
        return new MediaSource(name, context, feed, video, audio, stop =>
        {
            using (connection)
            using (stop.Register(connection.Child.Kill))
            {
                if (feed.Pump(connection, timeline, stop) == PumpEnd.Input)
                {
                    Judge(name, connection.Child, feed.Delivered, context);
                }
            }
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        if (!await Task.Run(() => _thread.Join(ExitTimeout * 2)).ConfigureAwait(false))
        {
            _context.Log.Warn($"{_name}: its reader does not end");
        }

        _feed.Frames.Drain();
        _feed.Blocks.Drain();
    }

    /// <summary>Looks into a local file and starts to decode what is wanted of it.</summary>
    /// <exception cref="SourceException">It cannot be read, or lacks what is wanted.</exception>
    internal static (MediaConnection Connection, MediaFacts Facts) OpenFile(MediaOptions options, CancellationToken token)
    {
        var facts = MediaProbe.ProbeAsync(options.Input, token).GetAwaiter().GetResult();
        RequireStreams(options.Input, options, facts.HasVideo, facts.HasAudio);
        var wanted = options with { WantVideo = options.WantVideo && facts.HasVideo, WantAudio = options.WantAudio && facts.HasAudio };
        try
        {
            var kind = facts.Indexed ? MediaKind.LocalFile : MediaKind.InterleavedFile;
            return (MediaConnection.Open(FfmpegArguments.Build(kind, wanted), OpenTimeout, token), facts);
        }
        catch (SourceException e)
        {
            throw new SourceException($"{options.Input} cannot be decoded ({e.Message})", e);
        }
    }

    /// <summary>Streams of variable rate announce the rate of their clock: 90000 pictures a second.</summary>
    internal static double? Plausible(double? fps) => fps is > 0 and <= 500 ? fps : null;

    /// <summary>A child that has ended: was that the whole file?</summary>
    /// <exception cref="SourceException">Nothing at all came out of it.</exception>
    internal static void Judge(string name, FfmpegChild child, long delivered, SourceContext context)
    {
        var code = child.WaitForExit(ExitTimeout);
        if (delivered == 0)
        {
            throw new SourceException($"{name}: nothing in it can be decoded (ffmpeg: {child.LastLine})");
        }

        if (code != 0 || child.Complained("partial file") || child.Complained("truncated"))
        {
            context.Counters["media.truncated"].Add();
            context.Log.Warn($"{name} is cut short or damaged; what could be decoded was used (ffmpeg: {child.LastLine})");
        }
        else if (child.Errors > 0)
        {
            context.Counters["media.decode_errors"].Add(child.Errors);
            context.Log.Warn($"{name}: {child.Errors} errors while decoding, the last one: {child.LastLine}");
        }
    }

    private static void RequireStreams(string name, MediaOptions options, bool hasVideo, bool hasAudio)
    {
        if (options.WantVideo && !hasVideo)
        {
            throw new SourceException(hasAudio
                ? $"{name} has no picture, only sound; a source needs pictures to show where its sound comes from"
                : $"{name} has neither picture nor sound");
        }

        if (options is { WantVideo: false, WantAudio: true } && !hasAudio)
        {
            throw new SourceException($"{name} has no sound");
        }
    }

    private void Run(Action<CancellationToken> run)
    {
        try
        {
            run(_stop.Token);
            _feed.Complete(null);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // Whatever broke, broke because we were told to stop.
            _feed.Complete(null);
        }
        catch (Exception e)
        {
            _feed.Complete(e as SourceException ?? new SourceException($"{_name}: {e.Message}", e));
        }
    }
}
