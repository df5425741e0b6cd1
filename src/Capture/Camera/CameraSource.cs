using System.Threading.Channels;
using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Camera;

/// <summary>
/// A camera, or a GStreamer pipeline, through OpenCV. A thread of its own grabs, stamps at once, then decodes. What OpenCV's <c>Read</c> says after an
/// unplug cannot be trusted, so a watchdog looks at the stamps: a camera that delivers nothing for a while is opened again, with growing patience.
/// Counted: <c>camera.reconnects</c>, <c>camera.stalls</c>, <c>camera.failed_reads</c>.
/// </summary>
public sealed class CameraSource : IVideoSource
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryRead = TimeSpan.FromMilliseconds(10);

    private readonly CameraOptions _options;
    private readonly SourceContext _context;
    private readonly FramePool _pool = new();
    private readonly PolicyChannel<VideoFrame> _frames;
    private readonly CancellationTokenSource _stop = new();
    private readonly Counter _reconnects, _stalls, _failed;
    private readonly RateLimitedLog _log;
    private readonly Thread _thread;
    private VideoCapture _capture;
    private long _seq;

    private CameraSource(CameraOptions options, SourceContext context, VideoCapture capture)
    {
        (_options, _context, _capture) = (options, context, capture);
        _frames = new PolicyChannel<VideoFrame>("video", new DeliveryPolicy.LatestOnly(2), context.Clock, context.Counters);
        (_reconnects, _stalls, _failed) = (context.Counters["camera.reconnects"], context.Counters["camera.stalls"], context.Counters["camera.failed_reads"]);
        _log = new RateLimitedLog(context.Log, context.Clock, TimeSpan.FromSeconds(10));
        Info = new VideoInfo($"camera {options.Device}", capture.FrameWidth, capture.FrameHeight, capture.Fps > 0 ? capture.Fps : null, true);
        _thread = new Thread(Run) { Name = "camera", IsBackground = true };
        _thread.Start();
    }

    /// <inheritdoc/>
    public VideoInfo Info { get; private set; }

    /// <inheritdoc/>
    public ChannelReader<VideoFrame> Frames => _frames;

    /// <summary>Opens a camera and starts it.</summary>
    /// <exception cref="SourceException">There is no such camera, it is busy, or it gives no picture.</exception>
    public static CameraSource Open(CameraOptions options, SourceContext context) => new(options, context, CameraDevice.Open(options, context.Log));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _frames.Complete();

        // A driver that hangs in Grab keeps its thread and its capture: freeing it under that thread would crash.
        if (await Task.Run(() => _thread.Join(TimeSpan.FromSeconds(3))).ConfigureAwait(false))
        {
            _capture.Dispose();
        }

        _frames.Drain();
    }

    private void Run()
    {
        var image = new Mat();
        try
        {
            var last = _context.Clock.Now;
            while (!_stop.IsCancellationRequested)
            {
                if (_capture.Grab())
                {
                    var now = _context.Clock.Now;
                    if (_capture.Retrieve(image) && !image.Empty())
                    {
                        last = now;
                        Deliver(image, now);
                        continue;
                    }
                }

                _failed.Add();
                if (_context.Clock.Now - last > _options.StallTimeout)
                {
                    _stalls.Add();
                    Reopen();
                    last = _context.Clock.Now;
                }
                else
                {
                    _stop.Token.WaitHandle.WaitOne(RetryRead);
                }
            }
        }
        catch (OpenCVException e)
        {
            _frames.Complete(new SourceException($"{Info.Name}: {e.Message}", e));
        }
        finally
        {
            image.Dispose();
            _frames.Complete();
        }
    }

    private void Deliver(Mat image, TimeSpan grabbed)
    {
        using var bgr = image.Type() == MatType.CV_8UC1 ? new Mat() : null;
        if (bgr is not null)
        {
            Cv2.CvtColor(image, bgr, ColorConversionCodes.GRAY2BGR);
        }

        var frame = _pool.Rent(image.Width, image.Height);
        (bgr ?? image).CopyTo(frame.Image);
        if (Info.Width != image.Width || Info.Height != image.Height)
        {
            Info = Info with { Width = image.Width, Height = image.Height };
        }

        _frames.TryWrite(frame.Stamp(_seq++, grabbed, _context.Clock.Now));
    }

    private void Reopen()
    {
        _log.Warn($"{Info.Name} gives no picture; opening it again");
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            _capture.Dispose();
            try
            {
                _capture = CameraDevice.Open(_options, _context.Log);
                _reconnects.Add();
                return;
            }
            catch (SourceException e)
            {
                _log.Warn(e.Message);
                _stop.Token.WaitHandle.WaitOne(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
