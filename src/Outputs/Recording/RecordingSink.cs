using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Records one layer, the annotated picture or the captured one, with the source's own sound in step. Files are recorded frame by frame; of a
/// live source every localized frame, unless the encoder cannot keep up: then frames are left out and counted, never the sound, which is what one
/// would notice first. Neither an encoder that dies nor a disk that is full ends it: it says so, counts what is lost, and goes on.
/// </summary>
public sealed class RecordingSink : IAudioSink
{
    // Sound that came before the first picture waits for it, but not for ever.
    private static readonly TimeSpan MostEarlySound = TimeSpan.FromSeconds(10);

    // A live recorder that is this far behind leaves frames out until it is not.
    private static readonly TimeSpan MostDelay = TimeSpan.FromMilliseconds(500);

    // A dead encoder is started again after this, and after twice as long each time it dies young.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(0.5), LastRetry = TimeSpan.FromSeconds(30);

    private readonly RecordingLayer _layer;
    private readonly RecordingSettings _settings;
    private readonly IClock _clock;
    private readonly Counters _counters;
    private readonly ILog _log;
    private readonly Health? _health;
    private readonly Counter _lost, _restarts;
    private readonly OverlayRenderer? _overlay;
    private readonly Letterbox _letterbox = new();
    private readonly Queue<AudioBlock> _early = new();
    private StreamInfo? _stream;
    private EncoderChoice? _choice;
    private Recorder? _recorder;
    private EventMaker? _events;
    private Encoder? _encoder;
    private EncoderRun? _run;
    private SoundTrack? _sound;
    private PictureFormat _format;
    private TimeSpan? _last;
    private TimeSpan _step;
    private TimeSpan _retryAt = TimeSpan.MinValue;
    private int _deaths;
    private bool _over;

    /// <summary>Makes the sink.</summary>
    /// <param name="layer">What it shows.</param>
    /// <param name="overlay">What is drawn over the annotated layer.</param>
    /// <param name="settings">What is kept, where, and how it is encoded.</param>
    /// <param name="clock">Whose time counts.</param>
    /// <param name="counters">Where losses are counted: <c>record.*</c>, <c>record_source.*</c>.</param>
    /// <param name="log">Who is told.</param>
    /// <param name="health">Where it says how it is, under its name; null for nobody.</param>
    public RecordingSink(
        RecordingLayer layer, OverlaySettings overlay, RecordingSettings settings, IClock clock, Counters counters, ILog log, Health? health = null)
    {
        (_layer, _settings, _clock, _counters, _log, _health) = (layer, settings, clock, counters, log, health);
        (_lost, _restarts) = (counters[$"{Name}.frames.lost"], counters[$"{Name}.encoder.restarts"]);
        _overlay = layer == RecordingLayer.Annotated ? new OverlayRenderer(overlay) : null;
    }

    /// <summary>What is drawn; other settings hold from the next picture on, and may be given from any thread. The source layer has none.</summary>
    public OverlaySettings Overlay
    {
        get => _overlay?.Settings ?? new OverlaySettings();
        set
        {
            if (_overlay is not null)
            {
                _overlay.Settings = value;
            }
        }
    }

    /// <inheritdoc/>
    public string Name => _layer == RecordingLayer.Annotated ? "record" : "record_source";

    /// <summary>Name of a whole run's recording in the run folder.</summary>
    public static string FileName(RecordingLayer layer) => layer == RecordingLayer.Annotated ? "annotated.mp4" : "source.mp4";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 128 : 8);

    /// <inheritdoc/>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        await FfmpegProcess.CheckAsync(_settings.Ffmpeg, token).ConfigureAwait(false);
        _choice = await EncoderChoice.ForAsync(_settings, token).ConfigureAwait(false);
        if (_choice.Device.Why is { } why)
        {
            _log.Warn($"{Name}: encodes with {_choice.Device.Effective}; {_choice.Device.Requested} was asked for: {why}");
        }

        _stream = stream;
        _events = _settings.Mode == RecordingMode.Events ? new EventMaker(stream) : null;
        var context = new RecorderContext(Name, _settings, stream, _clock, _counters, _log, _health);
        var root = _settings.Mode == RecordingMode.Run ? stream.Folder : Path.GetFullPath(_settings.Folder);
        var store = new PartStore(context, root, _settings.Mode != RecordingMode.Run, time => PathOf(root, time), Describe);
        _recorder = new Recorder(context, store);
        _health?.Set(Name, true);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        Follow(_events?.Add(localization));
        if (_over || (_stream is { Video.Live: true } && _clock.ToUtc(_clock.Now) - localization.PublishedAt > MostDelay))
        {
            _lost.Add();
            return ValueTask.CompletedTask;
        }

        if (_encoder is null && _clock.Now < _retryAt)
        {
            _lost.Add();
            return ValueTask.CompletedTask;
        }

        try
        {
            Record(localization);
        }
        catch (OutputException e)
        {
            Mourn(e);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(AudioBlock block, CancellationToken token)
    {
        if (_over || _stream?.Audio is null)
        {
            return ValueTask.CompletedTask;
        }

        if (_encoder is null)
        {
            block.Retain();
            _early.Enqueue(block);
            while (block.End - _early.Peek().End > MostEarlySound)
            {
                _early.Dequeue().Dispose();
            }

            return ValueTask.CompletedTask;
        }

        try
        {
            _sound?.Add(block, block.Time - _run!.Begin);
        }
        catch (OutputException e)
        {
            Mourn(e);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask FinishAsync(RunSummary summary, CancellationToken token) =>
        await FinishAsync(trim: summary.Ended != "end of source", token).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Without a finish something went wrong elsewhere: what is recorded is made whole all the same.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await FinishAsync(trim: true, limit.Token).ConfigureAwait(false);
        }
        catch (OutputException)
        {
            // It has no one to tell; the part file stays and plays.
            _counters[$"{Name}.unfinished"].Add();
        }

        _recorder?.Dispose();
        _overlay?.Dispose();
        _letterbox.Dispose();
    }

    private async Task FinishAsync(bool trim, CancellationToken token)
    {
        if (_over || _recorder is not { } recorder)
        {
            End();
            return;
        }

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
        await recorder.FinishAsync(soundEnd, token.IsCancellationRequested ? grace.Token : token).ConfigureAwait(false);
        _health?.Remove(Name);
        if (broken is not null)
        {
            throw broken;
        }
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
        var stream = _stream ?? throw new InvalidOperationException("not started");

        // A whole file's own times are kept, with the sound before its first picture; all else begins with a picture.
        var origin = stream.Video.MediaOrigin ?? first.Time;
        var begin = _settings.Mode == RecordingMode.Run && _run is null && first.Time - origin < MostEarlySound ? origin : first.Time;
        if (_format == default)
        {
            _format = new PictureFormat(first.Frame.Width, first.Frame.Height, stream.Video.Fps);
        }

        // Without sound FFmpeg's time begins with the first picture, whatever we say.
        _run = new EncoderRun(stream.Audio is null ? first.Time : begin, first.Time);
        (_last, _step) = (null, TimeSpan.FromSeconds(1 / (stream.Video.Fps ?? 25)));
        _encoder = new Encoder(_settings, _choice!, stream.Video.Live, _run, _format, SoundOf(stream), _recorder!.Add);
        var patience = TimeSpan.FromSeconds(stream.Video.Live ? 1 : 5);
        _sound = SoundOf(stream) is { } sound ? new SoundTrack(sound, _counters, Name, patience, _encoder.WriteSound) : null;
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
        if (young && _choice!.Codec != "libx264")
        {
            _choice = EncoderChoice.Software(_choice.Device.Requested, $"{_choice.Device.Effective} failed: {e.Message}");
        }

        var wait = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(_deaths, 10)));
        (_deaths, _retryAt) = (_deaths + 1, _deaths == 0 ? _clock.Now : _clock.Now + wait);
        _log.Warn($"{Name}: {e.Message}; it is started again{(_deaths == 1 ? "" : $" in {wait.TotalSeconds:0.#} s")}");
    }

    private void Follow(IReadOnlyList<TrackEvent>? events)
    {
        for (var i = 0; i < events?.Count; i++)
        {
            var told = events[i];
            var from = told.After.Start - TimeSpan.FromSeconds(_settings.PreSeconds);
            var to = _events!.Lasting > 0 ? TimeSpan.MaxValue : told.After.Last + TimeSpan.FromSeconds(_settings.PostSeconds);
            _recorder?.Want(from, to, told.Type == TrackEventType.New ? told.After.Id : null);
        }
    }

    private string PathOf(string root, TimeSpan time)
    {
        if (_settings.Mode == RecordingMode.Run)
        {
            return Path.Combine(root, FileName(_layer));
        }

        var utc = Utc(time);
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var name = utc.ToString("mm'.'ss", culture) + (_layer == RecordingLayer.Source ? ".source.mp4" : ".mp4");
        return Path.Combine(root, utc.ToString("yyyy-MM-dd", culture), utc.ToString("HH", culture), _stream!.Camera, name);
    }

    private Sidecar Describe(Part first, TimeSpan zero) => new()
    {
        Stream = _stream!,
        Layer = _layer,
        StartedAt = Utc(zero),
        MediaOrigin = (zero - _stream!.Video.MediaOrigin)?.TotalSeconds,
        Pictures = new PictureFormat(_format.Width + _format.Width % 2, _format.Height + _format.Height % 2, _format.Fps),
        Sound = SoundOf(_stream) is { } sound ? sound with { Channels = Math.Min(2, sound.Channels) } : null,
        Encoder = _choice!.Device,
        Drift = () => _sound?.DriftPpm,
    };

    // A file's time is not of the day; unless it says when it was recorded, it counts from the begin of the run.
    private DateTime Utc(TimeSpan time) => _stream!.Video is { Live: true } ? _clock.ToUtc(time) : (_stream.Video.RecordedAt ?? _stream.Started) + time;

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
