using OpenCvSharp;
using RealtimeSsl.Capture.Camera;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Capture;

/// <summary>Cameras played by GStreamer pipelines: the same way through OpenCV as a camera's.</summary>
public sealed class CameraSourceTests
{
    private const int Limit = 60_000;
    private readonly ListLog _log = new();
    private readonly SourceContext _context;

    public CameraSourceTests() => _context = Sources.Context(_log);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task ACameraIsStampedAtCaptureOnOurClock()
    {
        await using var camera = Open("videotestsrc is-live=true");
        Assert.Equal((64, 48, true), (camera.Info.Width, camera.Info.Height, camera.Info.Live));
        var frames = await Read(camera, 30);
        Assert.All(frames, f => Assert.InRange(f.Arrived - f.Time, TimeSpan.Zero, TimeSpan.FromMilliseconds(100)));
        Assert.All(frames.Zip(frames.Skip(1)), p => Assert.True(p.Second.Time > p.First.Time && p.Second.Seq > p.First.Seq));
        Assert.InRange((frames[^1].Time - frames[0].Time).TotalMilliseconds / (frames[^1].Seq - frames[0].Seq), 35, 45);
        Assert.Contains(_log.Lines, l => l.Contains("64x48 at 25 fps through GSTREAMER", StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task ACameraThatStopsIsOpenedAgainAndCounted()
    {
        await using var camera = Open("videotestsrc is-live=true num-buffers=10");
        var frames = await Read(camera, 15);
        Assert.True(_context.Counters["camera.reconnects"].Value >= 1);
        Assert.True(frames[^1].Seq >= 14);
    }

    [Theory(Timeout = Limit)]
    [InlineData("99", "camera '99' cannot be opened")]
    [InlineData("/dev/video99", "camera '/dev/video99' cannot be opened")]
    [InlineData("No Such Camera", "camera 'No Such Camera' cannot be opened")]
    [InlineData("gst:nonsense ! appsink", "GStreamer pipeline 'nonsense ! appsink' does not start")]
    public void ACameraThatIsNotThereIsAnErrorThatNamesIt(string device, string words)
    {
        var e = Assert.Throws<SourceException>(() => CameraSource.Open(new CameraOptions { Device = device }, _context));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private CameraSource Open(string element)
    {
        var device = $"gst:{element} ! video/x-raw,format=BGR,width=64,height=48,framerate=25/1 ! appsink drop=true max-buffers=2";
        using (var probe = new VideoCapture())
        {
            var works = probe.Open("videotestsrc num-buffers=1 ! video/x-raw,format=BGR ! appsink", VideoCaptureAPIs.GSTREAMER);
            Assert.SkipUnless(works, "needs OpenCV with GStreamer and its base plugins");
        }

        return CameraSource.Open(new CameraOptions { Device = device, StallTimeout = TimeSpan.FromSeconds(0.5) }, _context);
    }

    private static async Task<List<(TimeSpan Time, TimeSpan Arrived, long Seq)>> Read(CameraSource camera, int count)
    {
        var frames = new List<(TimeSpan, TimeSpan, long)>();
        while (frames.Count < count && await camera.Frames.WaitToReadAsync(Token))
        {
            while (camera.Frames.TryRead(out var frame))
            {
                frames.Add((frame.Time, frame.Arrived, frame.Seq));
                frame.Dispose();
            }
        }

        Assert.True(frames.Count >= count, "the camera ended");
        return frames;
    }
}
