using System.Runtime.InteropServices;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>Why a pump stopped.</summary>
internal enum PumpEnd
{
    /// <summary>The input ended.</summary>
    Input,

    /// <summary>The wanted length is reached, or nobody reads any more.</summary>
    Enough,
}

/// <summary>
/// Moves the packets of one or more connections into the two channels of a source, on the caller's thread.
/// ffmpeg hands over packets in the order of their times. A picture of a file is passed on only after its sound (or after the notice that
/// there is none), so a reader that takes a picture and then reads sound up to it never waits for what is stuck behind a full channel.
/// </summary>
internal sealed class MediaFeed
{
    private static readonly TimeSpan UnknownDuration = TimeSpan.FromMilliseconds(40);

    /// <summary>
    /// How many blocks of sound may wait while a picture is awaited: 25 minutes of AAC. A picture's own sound is never behind a full
    /// channel, so this is only ever reached by a hole in the pictures; then the oldest sound goes, and is counted.
    /// </summary>
    private const int SoundBetweenPictures = 1 << 16;

    private readonly SourceContext _context;
    private readonly FramePool _frames = new();
    private readonly AudioBlockPool _blocks = new();
    private readonly Queue<(VideoFrame Frame, TimeSpan Time)> _held = new();
    private readonly Counter _gaps, _overlaps;
    private readonly SampleLedger? _ledger;
    private readonly int _channels;
    private long _seq, _lastPacket;
    private TimeSpan? _firstFrame, _lastFrame;
    private TimeSpan _frameEnd;

    /// <summary>Makes the channels.</summary>
    /// <param name="context">Clock, counters, log.</param>
    /// <param name="frames">Policy of the pictures.</param>
    /// <param name="blocks">Policy of the sound.</param>
    /// <param name="audio">Format of the sound; null if none is wanted or there is none.</param>
    private MediaFeed(SourceContext context, DeliveryPolicy frames, DeliveryPolicy blocks, AudioInfo? audio)
    {
        _context = context;
        Frames = new PolicyChannel<VideoFrame>("video", frames, context.Clock, context.Counters);
        Blocks = new PolicyChannel<AudioBlock>("audio", blocks, context.Clock, context.Counters);
        (_gaps, _overlaps) = (context.Counters["media.gaps"], context.Counters["media.overlaps"]);
        (_ledger, _channels) = (audio is null ? null : new SampleLedger(audio.Rate), audio?.Channels ?? 0);
    }

    /// <summary>The feed of a source: a live one delivers the newest, a file all.</summary>
    public static MediaFeed For(MediaOptions options, bool live, SourceContext context, VideoInfo? video, AudioInfo? audio)
    {
        DeliveryPolicy frames = live ? new DeliveryPolicy.LatestOnly() : new DeliveryPolicy.Lossless(4);
        DeliveryPolicy blocks = live ? new DeliveryPolicy.LatestOnly(512)
            : video is null ? new DeliveryPolicy.Lossless(64)
            : new DeliveryPolicy.LatestOnly(SoundBetweenPictures);
        return new MediaFeed(context, frames, blocks, audio) { MaxLength = options.MaxLength };
    }

    public PolicyChannel<VideoFrame> Frames { get; }

    public PolicyChannel<AudioBlock> Blocks { get; }

    /// <summary>Ends when this much of the timeline has been passed on.</summary>
    private TimeSpan? MaxLength { get; init; }

    /// <summary>Pictures and blocks passed on so far.</summary>
    public long Delivered { get; private set; }

    /// <summary>Where the next medium would go on: after the last picture and the last sample.</summary>
    public TimeSpan End => _ledger?.End is { } sound && sound > _frameEnd ? sound : _frameEnd;

    /// <summary>Calls <paramref name="stalled"/> when no picture (no sound, where no pictures are wanted) has come for that long.</summary>
    public Timer Watch(TimeSpan limit, Action stalled)
    {
        Interlocked.Exchange(ref _lastPacket, _context.Clock.Now.Ticks);
        var step = limit / 10;
        return new Timer(
            _ =>
            {
                if (_context.Clock.Now.Ticks - Interlocked.Read(ref _lastPacket) > limit.Ticks)
                {
                    stalled();
                }
            },
            null,
            step,
            step);
    }

    /// <summary>Passes on what comes, until the input ends.</summary>
    /// <exception cref="InvalidDataException">What comes is not what was announced.</exception>
    public PumpEnd Pump(MediaConnection connection, Timeline timeline, CancellationToken token)
    {
        _ledger?.Tear();
        try
        {
            while (connection.Reader.TryNext(out var packet))
            {
                token.ThrowIfCancellationRequested();
                if (!Take(connection, packet, timeline, token))
                {
                    return PumpEnd.Enough;
                }
            }
        }
        catch (EndOfStreamException)
        {
            // Cut in the middle of a packet: what came before it counts.
        }

        return Release(null, timeline, token) ? PumpEnd.Input : PumpEnd.Enough;
    }

    /// <summary>A picture buffer to fill.</summary>
    public VideoFrame Rent(int width, int height) => _frames.Rent(width, height);

    /// <summary>Takes a picture that did not come through a connection.</summary>
    /// <returns>False if nobody reads any more, or the wanted length is reached.</returns>
    public bool Picture(VideoFrame frame, TimeSpan time, TimeSpan duration, Timeline timeline, CancellationToken token)
    {
        if (time - timeline.Origin >= MaxLength)
        {
            frame.Dispose();
            return false;
        }

        Hold(frame, time, duration);
        return Release(null, timeline, token);
    }

    /// <summary>No more will come.</summary>
    public void Complete(Exception? error)
    {
        while (_held.TryDequeue(out var held))
        {
            held.Frame.Dispose();
        }

        Frames.Complete(error);
        Blocks.Complete(error);
    }

    private bool Take(MediaConnection connection, NutPacket packet, Timeline timeline, CancellationToken token)
    {
        var track = connection.Reader.Streams[packet.Stream];
        if (connection.Video is null || track == connection.Video)
        {
            Interlocked.Exchange(ref _lastPacket, _context.Clock.Now.Ticks);
        }

        var epoch = timeline.Epoch;
        if (timeline.Place(TimeSpan.FromTicks(track.Scale(packet.Pts, TimeSpan.TicksPerSecond)), token) is not { } time)
        {
            return true;
        }

        if (epoch != timeline.Epoch)
        {
            _ledger?.Tear();
        }

        if (time - timeline.Origin >= MaxLength)
        {
            Release(null, timeline, token);
            return false;
        }

        if (track == connection.Video)
        {
            Picture(connection.Reader, track, packet, time);
        }
        else if (track == connection.Audio && !Sound(connection.Reader, track, packet, time, token))
        {
            return false;
        }

        return Release(time, timeline, token);
    }

    private void Picture(NutReader reader, NutTrack track, NutPacket packet, TimeSpan time)
    {
        if (packet.Size != track.Width * track.Height * 3)
        {
            throw new InvalidDataException($"damaged media stream: {packet.Size} bytes for a picture of {track.Width}x{track.Height}");
        }

        if (time <= _lastFrame)
        {
            // The mapping has stepped back: pictures of a time that was shown already.
            _context.Counters["media.stepped_back"].Add();
            return;
        }

        var frame = _frames.Rent(track.Width, track.Height);
        try
        {
            reader.Read(frame.Pixels);
        }
        catch
        {
            frame.Dispose();
            throw;
        }

        Hold(frame, time, time - _lastFrame ?? UnknownDuration);
    }

    private void Hold(VideoFrame frame, TimeSpan time, TimeSpan duration)
    {
        _firstFrame ??= time;
        (_lastFrame, _frameEnd) = (time, time + duration);
        _held.Enqueue((frame, time));
    }

    /// <summary>Passes on the pictures whose sound has come, or will not come.</summary>
    /// <param name="now">Up to where the input was read; null at its end.</param>
    /// <param name="timeline">Says how long to wait for sound.</param>
    /// <param name="token">Ends the wait for a reader.</param>
    private bool Release(TimeSpan? now, Timeline timeline, CancellationToken token)
    {
        while (_held.TryPeek(out var head))
        {
            if (_ledger is not null && !_ledger.Covers(head.Time + timeline.Margin))
            {
                // Packets come in the order of their times, give or take the jitter: what is not here a little later will not come.
                if (timeline.HoldsPictures && now < head.Time + timeline.Margin + timeline.AudioSlack)
                {
                    return true;
                }

                var trails = timeline.HoldsPictures || head.Time > (_ledger.End ?? _firstFrame) + timeline.AudioSlack;
                if (trails && !Notice(_ledger, head.Time, token))
                {
                    return false;
                }
            }

            _held.Dequeue();
            Delivered++;
            if (!Frames.Write(head.Frame.Stamp(_seq++, head.Time, _context.Clock.Now), token))
            {
                return false;
            }
        }

        return true;
    }

    private bool Notice(SampleLedger ledger, TimeSpan time, CancellationToken token)
    {
        var (position, begin) = ledger.Close(time);
        return Blocks.Write(_blocks.Rent(0, _channels, ledger.Rate).Stamp(position, begin, _context.Clock.Now), token);
    }

    private bool Sound(NutReader reader, NutTrack track, NutPacket packet, TimeSpan time, CancellationToken token)
    {
        var bytesPerSample = sizeof(float) * track.Channels;
        if (_ledger is null || track.Rate != _ledger.Rate || packet.Size % bytesPerSample != 0 || packet.Size == 0 || packet.Size > 1 << 26)
        {
            throw new InvalidDataException($"damaged media stream: {packet.Size} bytes of sound at {track.Rate} Hz");
        }

        var length = packet.Size / bytesPerSample;
        var (gaps, overlaps) = (_ledger.Gaps, _ledger.Overlaps);
        var (skip, position, begin) = _ledger.Place(track.Scale(packet.Pts, track.Rate), length, time);
        _gaps.Add(_ledger.Gaps - gaps);
        _overlaps.Add(_ledger.Overlaps - overlaps);
        if (skip == length)
        {
            return true;
        }

        var block = _blocks.Rent(length - skip, track.Channels, track.Rate);
        try
        {
            reader.Discard(skip * bytesPerSample);
            reader.Read(MemoryMarshal.AsBytes(block.Samples));
        }
        catch
        {
            block.Dispose();
            throw;
        }

        Delivered++;
        return Blocks.Write(block.Stamp(position, begin, _context.Clock.Now), token);
    }
}
