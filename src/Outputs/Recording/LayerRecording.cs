using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// One recording of one layer, from the moment it is switched on until it is off, with the source's own sound in step. Files are recorded frame by frame; of a
/// live source every localized frame, unless the encoder cannot keep up: then frames are left out and counted, never the sound, which is what one
/// would notice first. Neither an encoder that dies nor a disk that is full ends it: it says so, counts what is lost, and goes on.
/// </summary>
internal sealed class LayerRecording : IDisposable
{
    // Sound that came before the first picture waits for it, but not for ever.
    private static readonly TimeSpan MostEarlySound = TimeSpan.FromSeconds(10);

    // A live recorder that is this far behind leaves frames out until it is not.
    private static readonly TimeSpan MostDelay = TimeSpan.FromMilliseconds(500);

    // A dead encoder is started again after this, and after twice as long each time it dies young.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(0.5), LastRetry = TimeSpan.FromSeconds(30);

    private readonly RecorderContext _context;
    private readonly RecordingLayer _layer;
    private readonly OverlayRenderer? _overlay;
    private readonly bool _fromBegin;
    private readonly Recorder _recorder;
    private readonly EventMaker? _events;
    private readonly Counter _lost, _restarts;
    private readonly Letterbox _letterbox = new();
    private readonly Queue<AudioBlock> _early = new();
    private EncoderChoice _choice;
    private Encoder? _encoder;
    private EncoderRun? _run;
    private SoundTrack? _sound;
    private PictureFormat _format;
    private TimeSpan? _last;
    private TimeSpan _step;
    private TimeSpan _retryAt = TimeSpan.MinValue;
    private int _deaths;
    private bool _over;

    /// <summary>Begins; the first file comes with the first picture.</summary>
    /// <param name="context">What is recorded, and who is told.</param>
    /// <param name="layer">What it shows.</param>
    /// <param name="choice">The encoder.</param>
    /// <param name="overlay">What draws over the picture; null for the picture as it is.</param>
    /// <param name="fromBegin">Whether it has all of the source, not only from some moment on.</param>
    /// <exception cref="OutputException">Nothing can be written there.</exception>
    public LayerRecording(RecorderContext context, RecordingLayer layer, EncoderChoice choice, OverlayRenderer? overlay, bool fromBegin)
    {
        (_context, _layer, _choice, _overlay, _fromBegin) = (context, layer, choice, overlay, fromBegin);
        (_lost, _restarts) = (context.Counters[$"{context.Name}.frames.lost"], context.Counters[$"{context.Name}.encoder.restarts"]);
        _events = Settings.Mode == RecordingMode.Events ? new EventMaker(Stream) : null;
        var root = Settings.Mode == RecordingMode.Run ? Stream.Folder : Path.GetFullPath(Settings.Folder);
        var shared = Settings.Mode != RecordingMode.Run;
        var store = new PartStore(context, root, shared, time => PathOf(root, time), Describe) { Leftovers = shared ? new Leftovers(context, root, layer) : null };
        _recorder = new Recorder(context, store);
    }

    private RecordingSettings Settings => _context.Settings;

    private StreamInfo Stream => _context.Stream;

    /// <summary>Takes a localization, on the same thread as sound.</summary>
    public void Write(Localization localization)
    {
        Follow(_events?.Add(localization));
        var late = Stream.Video.Live && _context.Clock.ToUtc(_context.Clock.Now) - localization.PublishedAt > MostDelay;
        if (_over || late || (_encoder is null && _context.Clock.Now < _retryAt))
        {
            _lost.Add();
            return;
        }

        try
        {
            Record(localization);
        }
        catch (OutputException e)
        {
            Mourn(e);
        }
    }

    /// <summary>Takes a block of sound.</summary>
    public void Write(AudioBlock block)
    {
        if (_over || Stream.Audio is null)
        {
            return;
        }

        if (_encoder is null)
        {
            block.Retain();
            _early.Enqueue(block);
            while (block.End - _early.Peek().End > MostEarlySound)
            {
                _early.Dequeue().Dispose();
            }

            return;
        }

        try
        {
            _sound?.Add(block, block.Time - _run!.Begin);
        }
        catch (OutputException e)
        {
            Mourn(e);
        }
    }

    /// <summary>Makes ordinary files of what was recorded. Nothing is written after this.</summary>
    /// <param name="trim">Whether the sound ends with the last picture; otherwise all of it is kept.</param>
    /// <param name="token">Bounds the wait.</param>
    /// <exception cref="OutputException">Encoder or disk did not come to a proper end; what is there plays.</exception>
    public async Task FinishAsync(bool trim, CancellationToken token)
    {
        TimeSpan? soundEnd = null;
        OutputException? broken = null;
        try
        {
            Follow(_events?.Finish());
            if (_encoder is { } encoder)
            {
                _sound?.Finish((_last ?? TimeSpan.Zero) + _step, trim);
                soundEnd = _run!.Begin + (_sound?.Length ?? TimeSpan.Zero);
                await encoder.FinishAsync(token).ConfigureAwait(false);
            }
        }
        catch (OutputException e)
        {
            // What it gave before is made whole first.
            (broken, soundEnd) = (e, null);
            _encoder?.Dispose();
            _lost.Add(_encoder?.Pending ?? 0);
            _encoder = null;
        }
        finally
        {
            End();
        }

        // An encoder that took all the time there was does not cost the file.
        using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _recorder.FinishAsync(soundEnd, token.IsCancellationRequested ? grace.Token : token).ConfigureAwait(false);
        if (broken is not null)
        {
            throw broken;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _recorder.Dispose();
        _letterbox.Dispose();
    }

    private void Record(Localization found)
    {
        if (_encoder is null)
        {
            Begin(found);
        }

        var time = found.Time - _run!.Begin;
        if (Pts(time) < 0 || (_last is { } last && Pts(time) <= Pts(last)))
        {
            // Not later than the one before: the source's clock was set back, and a video cannot show that.
            _lost.Add();
            return;
        }

        WritePicture(_overlay?.Render(found) ?? found.Frame.Image, Pts(time), found.Seq);
        _sound?.Release(time);
        (_step, _last) = (time - (_last ?? time - _step), time);
        _deaths = _encoder!.Parts > 10 ? 0 : _deaths;

        static long Pts(TimeSpan time) => (long)Math.Round(time.TotalSeconds * NutWriter.PictureClock);
    }

    private void Begin(Localization first)
    {
        var stream = Stream;

        // A whole file's own times are kept, with the sound before its first picture; all else begins with a picture.
        var origin = stream.Video.MediaOrigin ?? first.Time;
        var begin = _fromBegin && Settings.Mode == RecordingMode.Run && _run is null && first.Time - origin < MostEarlySound ? origin : first.Time;
        if (_format == default)
        {
            _format = new PictureFormat(first.Frame.Width, first.Frame.Height, stream.Video.Fps);
        }

        // Without sound FFmpeg's time begins with the first picture, whatever we say.
        _run = new EncoderRun(stream.Audio is null ? first.Time : begin, first.Time);
        (_last, _step) = (null, TimeSpan.FromSeconds(1 / (stream.Video.Fps ?? 25)));
        _encoder = new Encoder(Settings, _choice, stream.Video.Live, _run, _format, SoundOf(stream), _recorder.Add);
        var patience = TimeSpan.FromSeconds(stream.Video.Live ? 1 : 5);
        _sound = SoundOf(stream) is { } sound ? new SoundTrack(sound, _context.Counters, _context.Name, patience, _encoder.WriteSound) : null;
        while (_early.TryDequeue(out var block))
        {
            using (block)
            {
                if (block.End > _run.Begin)
                {
                    _sound?.Add(block, block.Time - _run.Begin);
                }
            }
        }
    }

    private static SoundFormat? SoundOf(StreamInfo stream) =>
        stream.Audio is { } audio ? new SoundFormat(audio.Rate, audio.Channels > 8 ? 1 : audio.Channels) : null;

    private unsafe void WritePicture(Mat picture, long pts, long seq)
    {
        var fitted = _letterbox.Fit(picture, _format.Width, _format.Height);
        _encoder!.WritePicture(new ReadOnlySpan<byte>((void*)fitted.Data, _format.Width * _format.Height * 3), pts, seq);
    }

    // The encoder is dead. Its parts are kept; another one takes over, soon or, if this one died young, later.
    private void Mourn(OutputException e)
    {
        var young = _encoder?.Parts is null or 0;
        _encoder?.Dispose();
        _lost.Add(_encoder?.Pending ?? 1);
        (_encoder, _sound) = (null, null);
        _restarts.Add();
        if (young && _choice.Codec != "libx264")
        {
            _choice = EncoderChoice.Software(_choice.Device.Requested, $"{_choice.Device.Effective} failed: {e.Message}");
        }

        var wait = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(_deaths, 10)));
        (_deaths, _retryAt) = (_deaths + 1, _deaths == 0 ? _context.Clock.Now : _context.Clock.Now + wait);
        _context.Log.Warn($"{_context.Name}: {e.Message}; it is started again{(_deaths == 1 ? "" : $" in {wait.TotalSeconds:0.#} s")}");
    }

    private void Follow(IReadOnlyList<TrackEvent>? events)
    {
        for (var i = 0; i < events?.Count; i++)
        {
            var told = events[i];
            var from = told.After.Start - TimeSpan.FromSeconds(Settings.PreSeconds);
            var to = _events!.Lasting > 0 ? TimeSpan.MaxValue : told.After.Last + TimeSpan.FromSeconds(Settings.PostSeconds);
            _recorder.Want(from, to, told.Type == TrackEventType.New ? told.After.Id : null);
        }
    }

    private string PathOf(string root, TimeSpan time)
    {
        if (Settings.Mode == RecordingMode.Run)
        {
            return Path.Combine(root, RecordingSink.FileName(_layer));
        }

        var utc = Utc(time);
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var name = utc.ToString("mm'.'ss", culture) + (_layer == RecordingLayer.Source ? ".source.mp4" : ".mp4");
        return Path.Combine(root, utc.ToString("yyyy-MM-dd", culture), utc.ToString("HH", culture), Stream.Camera, name);
    }

    private Sidecar Describe(Part first, TimeSpan zero) => new()
    {
        Stream = Stream,
        Layer = _layer,
        StartedAt = Utc(zero),
        MediaOrigin = (zero - Stream.Video.MediaOrigin)?.TotalSeconds,
        Pictures = new PictureFormat(_format.Width + _format.Width % 2, _format.Height + _format.Height % 2, _format.Fps),
        Sound = SoundOf(Stream) is { } sound ? sound with { Channels = Math.Min(2, sound.Channels) } : null,
        Encoder = _choice.Device,
        Drift = () => _sound?.DriftPpm,
    };

    // A file's time is not of the day; unless it says when it was recorded, it counts from the begin of the run.
    private DateTime Utc(TimeSpan time) => Stream.Video is { Live: true } ? _context.Clock.ToUtc(time) : (Stream.Video.RecordedAt ?? Stream.Started) + time;

    private void End()
    {
        _over = true;
        _encoder?.Dispose();
        _encoder = null;
        while (_early.TryDequeue(out var block))
        {
            block.Dispose();
        }
    }
}
