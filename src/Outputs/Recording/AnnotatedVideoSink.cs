using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// <c>annotated.mp4</c>: the pictures with the overlay, and the source's own sound in step with them. It grows as <c>annotated.part.mp4</c>,
/// which plays at any moment, and gets its name when it is whole. Files are recorded frame by frame; of a live source every localized frame,
/// unless the encoder cannot keep up: then frames are left out and counted, never the sound, which is what one would notice first.
/// </summary>
public sealed class AnnotatedVideoSink : IAudioSink
{
    /// <summary>Name of the finished file in the run folder.</summary>
    public const string FileName = "annotated.mp4";

    /// <summary>Name while it grows; what a crash leaves.</summary>
    public const string PartName = "annotated.part.mp4";

    // Sound that came before the first picture waits for it, but not for ever.
    private static readonly TimeSpan MostEarlySound = TimeSpan.FromSeconds(10);

    // A live recorder that is this far behind leaves frames out until it is not.
    private static readonly TimeSpan MostDelay = TimeSpan.FromMilliseconds(500);
    private readonly RecordingSettings _settings;
    private readonly IClock _clock;
    private readonly Counters _counters;
    private readonly Counter _written;
    private readonly Counter _lost;
    private readonly OverlayRenderer _overlay;
    private readonly Queue<AudioBlock> _early = new();
    private readonly Mat _scaled = new();
    private readonly Mat _boxed = new();
    private StreamInfo? _stream;
    private Encoder? _encoder;
    private SoundTrack? _sound;
    private Size _size;
    private TimeSpan _begin;
    private TimeSpan? _last;
    private TimeSpan _step;
    private bool _over;

    /// <summary>Makes the sink.</summary>
    /// <param name="overlay">What is drawn.</param>
    /// <param name="settings">How it is encoded.</param>
    /// <param name="clock">Whose time counts.</param>
    /// <param name="counters">Where frames and holes are counted: <c>record.*</c>.</param>
    public AnnotatedVideoSink(OverlaySettings overlay, RecordingSettings settings, IClock clock, Counters counters)
    {
        (_settings, _clock, _counters) = (settings, clock, counters);
        (_written, _lost) = (counters["record.frames.written"], counters["record.frames.lost"]);
        _overlay = new OverlayRenderer(overlay);
    }

    /// <summary>What is drawn; other settings hold from the next picture on, and may be given from any thread.</summary>
    public OverlaySettings Overlay
    {
        get => _overlay.Settings;
        set => _overlay.Settings = value;
    }

    /// <inheritdoc/>
    public string Name => "record";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 128 : 8);

    /// <inheritdoc/>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        await FfmpegProcess.CheckAsync(_settings.Ffmpeg, token).ConfigureAwait(false);
        _stream = stream;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        if (_over || (_stream is { Video.Live: true } && _clock.ToUtc(_clock.Now) - localization.PublishedAt > MostDelay))
        {
            _lost.Add();
            return ValueTask.CompletedTask;
        }

        try
        {
            Record(localization);
        }
        catch (OutputException)
        {
            _lost.Add();
            End();
            throw;
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
            _sound?.Add(block, block.Time - _begin);
        }
        catch (OutputException)
        {
            End();
            throw;
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
            _counters["record.unfinished"].Add();
        }

        _overlay.Dispose();
        _scaled.Dispose();
        _boxed.Dispose();
    }

    private async Task FinishAsync(bool trim, CancellationToken token)
    {
        if (_encoder is not { } encoder || _over)
        {
            End();
            return;
        }

        try
        {
            _sound?.Finish((_last ?? TimeSpan.Zero) + _step, trim);
            await encoder.FinishAsync(Path.Combine(_stream!.Folder, FileName), _sound?.Length ?? TimeSpan.Zero, token).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    private void Record(Localization found)
    {
        if (_encoder is null)
        {
            Begin(found);
        }

        var time = found.Time - _begin;
        if (Pts(time) < 0 || (_last is { } last && Pts(time) <= Pts(last)))
        {
            // Not later than the one before: the source's clock was set back, and a video cannot show that.
            _lost.Add();
            return;
        }

        WritePicture(_overlay.Render(found), Pts(time));
        _sound?.Release(time);
        (_step, _last) = (time - (_last ?? time - _step), time);
        _written.Add();

        static long Pts(TimeSpan time) => (long)Math.Round(time.TotalSeconds * NutWriter.PictureClock);
    }

    private void Begin(Localization first)
    {
        var stream = _stream ?? throw new InvalidOperationException("not started");
        _size = new Size(first.Frame.Width, first.Frame.Height);
        _step = TimeSpan.FromSeconds(1 / (stream.Video.Fps ?? 25));

        // A file's own times are kept, so that sound which begins before the first picture is not lost; a live recording begins with a picture.
        _begin = stream.Video.MediaOrigin ?? first.Time;
        SoundFormat? format = stream.Audio is { } audio ? new SoundFormat(audio.Rate, audio.Channels > 8 ? 1 : audio.Channels) : null;
        var pictures = new PictureFormat(_size.Width, _size.Height, stream.Video.Fps);
        _encoder = new Encoder(_settings, Path.Combine(stream.Folder, PartName), pictures, format);
        _sound = format is { } sound ? new SoundTrack(sound, _counters, _encoder.WriteSound) : null;
        while (_early.TryDequeue(out var block))
        {
            using (block)
            {
                _sound?.Add(block, block.Time - _begin);
            }
        }
    }

    private unsafe void WritePicture(Mat picture, long pts)
    {
        if (picture.Size() != _size)
        {
            picture = Letterbox(picture);
        }

        _encoder!.WritePicture(new ReadOnlySpan<byte>((void*)picture.Data, _size.Width * _size.Height * 3), pts);
    }

    // A video has one size: pictures of another are fitted into it, with black beside them.
    private Mat Letterbox(Mat picture)
    {
        var scale = Math.Min((double)_size.Width / picture.Width, (double)_size.Height / picture.Height);
        var width = Math.Clamp((int)Math.Round(picture.Width * scale), 1, _size.Width);
        var height = Math.Clamp((int)Math.Round(picture.Height * scale), 1, _size.Height);
        Cv2.Resize(picture, _scaled, new Size(width, height), 0, 0, scale < 1 ? InterpolationFlags.Area : InterpolationFlags.Linear);
        int left = (_size.Width - width) / 2, top = (_size.Height - height) / 2;
        Cv2.CopyMakeBorder(
            _scaled, _boxed, top, _size.Height - height - top, left, _size.Width - width - left, BorderTypes.Constant, Scalar.All(0));
        return _boxed;
    }

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
