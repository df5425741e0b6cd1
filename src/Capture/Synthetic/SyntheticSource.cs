using System.Threading.Channels;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Synthetic;

/// <summary>How a synthetic scene is delivered.</summary>
public sealed record SyntheticOptions
{
    /// <summary>Name of the scene, see <see cref="Scenes.All"/>.</summary>
    public string Scene { get; init; } = "demo";

    /// <summary>Everything follows from it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Width in pixels; scenes are laid out for 16:9.</summary>
    public int Width { get; init; } = 960;

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; } = 540;

    /// <summary>Frames per second.</summary>
    public double Fps { get; init; } = 30;

    /// <summary>Whether it comes at its own pace, as from a camera; otherwise as fast as it is read, as from a file.</summary>
    public bool Live { get; init; } = true;

    /// <summary>Ends after this many seconds; 0 goes on for ever.</summary>
    public double Seconds { get; init; }
}

/// <summary>
/// A camera and a microphone that look at a <see cref="Scene"/>. Live, each frame appears at its time on the engine's clock; what the reader
/// cannot take is dropped and counted, as with any camera. Otherwise the scene is a file without end.
/// </summary>
public sealed class SyntheticSource : IVideoSource, IAudioSource
{
    private const int BlockLength = 480;

    /// <summary>A camera delivers what it saw a moment ago; its microphone is that much ahead.</summary>
    private static readonly TimeSpan Exposure = TimeSpan.FromMilliseconds(20);

    private readonly SyntheticOptions _options;
    private readonly SourceContext _context;
    private readonly Scene _scene;
    private readonly FramePool _frames = new();
    private readonly AudioBlockPool _blocks = new(256);
    private readonly PolicyChannel<VideoFrame> _video;
    private readonly PolicyChannel<AudioBlock> _audio;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    /// <summary>Opens the scene; it begins at once.</summary>
    /// <exception cref="SourceException">There is no such scene.</exception>
    public SyntheticSource(SyntheticOptions options, SourceContext context)
    {
        (_options, _context) = (options, context);
        try
        {
            _scene = Scenes.Make(options.Scene, options.Seed);
        }
        catch (ArgumentException e)
        {
            throw new SourceException(e.Message, e);
        }

        VideoInfo = new VideoInfo(
            $"synthetic:{options.Scene}", options.Width, options.Height, options.Fps, options.Live, options.Seconds > 0 ? TimeSpan.FromSeconds(options.Seconds) : null);
        AudioInfo = new AudioInfo($"synthetic:{options.Scene}", Scene.Rate, 2, options.Live);
        _video = new("video", options.Live ? new DeliveryPolicy.LatestOnly(2) : new DeliveryPolicy.Lossless(8), context.Clock, context.Counters);
        _audio = new("audio", options.Live ? new DeliveryPolicy.LatestOnly(512) : new DeliveryPolicy.Lossless(512), context.Clock, context.Counters);
        _thread = new Thread(Run) { Name = "synthetic scene", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What is true at a frame's time.</summary>
    public IReadOnlyList<SceneTruth> Truth(TimeSpan time) =>
        _scene.Truth((time - Origin).TotalSeconds, (double)_options.Width / _options.Height);

    /// <summary>Originating time of the scene's beginning.</summary>
    public TimeSpan Origin { get; private set; }

    /// <inheritdoc/>
    VideoInfo IVideoSource.Info => VideoInfo;

    /// <inheritdoc/>
    AudioInfo IAudioSource.Info => AudioInfo;

    /// <inheritdoc/>
    public ChannelReader<VideoFrame> Frames => _video;

    /// <inheritdoc/>
    public ChannelReader<AudioBlock> Blocks => _audio;

    /// <inheritdoc/>
    public double DriftPpm => 0;

    private VideoInfo VideoInfo { get; }

    private AudioInfo AudioInfo { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _video.Complete();
        _audio.Complete();
        _thread.Join(TimeSpan.FromSeconds(5));
        _video.Drain();
        _audio.Drain();
        _stop.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        try
        {
            Origin = _options.Live ? _context.Clock.Now : TimeSpan.Zero;
            var last = _options.Seconds > 0 ? (long)Math.Round(_options.Seconds * _options.Fps) : long.MaxValue;
            long samples = 0;
            for (long seq = 0; seq < last && !_stop.IsCancellationRequested; seq++)
            {
                var time = seq / _options.Fps;
                if (_options.Live && !WaitUntil(Origin + TimeSpan.FromSeconds(time) + Exposure))
                {
                    return;
                }

                samples = Hear(samples, (long)((time + Exposure.TotalSeconds) * Scene.Rate));
                See(seq, time);
            }

            Hear(samples, _options.Seconds > 0 ? (long)(_options.Seconds * Scene.Rate) : samples);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            _video.Complete();
            _audio.Complete();
        }
    }

    private bool WaitUntil(TimeSpan due)
    {
        var left = due - _context.Clock.Now;
        return left <= TimeSpan.Zero ? !_stop.IsCancellationRequested : !_stop.Token.WaitHandle.WaitOne(left);
    }

    /// <summary>Delivers the sound up to a sample.</summary>
    private long Hear(long from, long until)
    {
        while (from < until)
        {
            var block = _blocks.Rent(BlockLength, 2, Scene.Rate);
            _scene.Render(from, block.Samples, (double)_options.Width / _options.Height);
            var time = Origin + TimeSpan.FromSeconds((double)from / Scene.Rate);
            _audio.Write(block.Stamp(from, time, _context.Clock.Now), _stop.Token);
            from += BlockLength;
        }

        return from;
    }

    private void See(long seq, double time)
    {
        var frame = _frames.Rent(_options.Width, _options.Height);
        _scene.Draw(frame.Image, time);
        var stamp = Origin + TimeSpan.FromSeconds(time);
        _video.Write(frame.Stamp(seq, stamp, _context.Clock.Now), _stop.Token);
    }
}
