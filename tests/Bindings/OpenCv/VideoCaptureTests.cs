using System.Diagnostics;
using OpenCvSharp;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>Reading video: a file that FFmpeg makes for the purpose, and what cannot be opened.</summary>
public sealed class VideoCaptureTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ssl-capture-");

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>A second of 160 x 120 pixels at 10 frames/s: ten frames.</summary>
    private string Clip(string source)
    {
        var file = Path.Combine(folder.FullName, "clip.mp4");
        var start = new ProcessStartInfo("ffmpeg");
        foreach (var argument in (string[])["-v", "error", "-f", "lavfi", "-i", $"{source}:size=160x120:rate=10:duration=1", "-c:v", "mpeg4", "-q:v", "2", file])
            start.ArgumentList.Add(argument);
        try
        {
            using var ffmpeg = Process.Start(start)!;
            Assert.True(ffmpeg.WaitForExit(TimeSpan.FromSeconds(30)), "ffmpeg hangs");
            Assert.Equal(0, ffmpeg.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("ffmpeg is not installed.");
        }

        return file;
    }

    [Fact]
    public void A_file_is_read_frame_by_frame_to_its_end()
    {
        using var capture = new VideoCapture(Clip("testsrc=n=0"));
        using var frame = new Mat();

        Assert.True(capture.IsOpened());
        Assert.Equal((160, 120, 10.0, 10), (capture.FrameWidth, capture.FrameHeight, capture.Fps, capture.FrameCount));
        Assert.Equal(CaptureType.File, capture.CaptureType);
        Assert.Equal(4, capture.FourCC.Length);
        Assert.NotEmpty(capture.GetBackendName());

        var count = 0;
        for (; capture.Read(frame); count++)
        {
            Assert.Equal((120, 160, MatType.CV_8UC3), (frame.Rows, frame.Cols, frame.Type()));
            Assert.InRange(capture.Get(VideoCaptureProperties.PosMsec), count * 100 - 101, count * 100 + 101);
        }

        Assert.Equal(10, count);
        Assert.True(frame.Empty());
    }

    [Fact]
    public void Colours_arrive_as_blue_green_red()
    {
        using var capture = new VideoCapture(Clip("color=c=red"), VideoCaptureAPIs.FFMPEG);
        using var frame = new Mat();

        Assert.True(capture.Grab());
        Assert.True(capture.Retrieve(frame));
        var mean = Cv2.Mean(frame);

        Assert.InRange(mean.Val0, 0, 10);
        Assert.InRange(mean.Val1, 0, 10);
        Assert.InRange(mean.Val2, 240, 255);
        Assert.Equal("FFMPEG", capture.GetBackendName());
    }

    [Fact]
    public void Reading_into_one_matrix_reuses_its_memory()
    {
        using var capture = new VideoCapture(Clip("testsrc=n=0"));
        using var frame = new Mat();
        Assert.True(capture.Read(frame));
        var data = frame.Data;

        Assert.True(capture.Read(frame));

        Assert.Equal(data, frame.Data);
    }

    [Fact]
    public void A_capture_can_be_released_and_opened_again()
    {
        using var capture = new VideoCapture();
        Assert.False(capture.IsOpened());
        Assert.Equal(CaptureType.NotSpecified, capture.CaptureType);
        var file = Clip("testsrc=n=0");

        Assert.True(capture.Open(file));
        capture.Release();
        Assert.False(capture.IsOpened());
        Assert.True(capture.Open(file, VideoCaptureAPIs.FFMPEG));
        Assert.Throws<NotSupportedException>(() => capture.FrameWidth = 320);
        Assert.Throws<NotSupportedException>(() => capture.FourCC = "MJPG");
    }

    [Fact]
    public void Parameters_reach_the_backend()
    {
        var file = Clip("testsrc=n=0");
        using var plain = new VideoCapture(file, VideoCaptureAPIs.FFMPEG, [(int)VideoCaptureProperties.HwAcceleration, 0]);
        using var refused = new VideoCapture(file, VideoCaptureAPIs.FFMPEG, [(int)VideoCaptureProperties.Iris, 1]);
        using var software = new VideoCapture(file, VideoCaptureAPIs.FFMPEG, new VideoCapturePara(VideoAccelerationType.None, -1));

        Assert.True(plain.IsOpened());
        Assert.False(refused.IsOpened());
        Assert.True(software.IsOpened());
    }

    [Fact]
    public void What_cannot_be_opened_is_not_open_and_gives_no_frames()
    {
        using var missing = new VideoCapture(Path.Combine(folder.FullName, "missing.mp4"), VideoCaptureAPIs.FFMPEG);
        using var frame = new Mat();

        Assert.False(missing.IsOpened());
        Assert.False(missing.Grab());
        Assert.False(missing.Read(frame));
        Assert.Equal(0, missing.Fps);
        Assert.False(missing.Set(VideoCaptureProperties.BufferSize, 1));

        missing.Dispose();
        Assert.Throws<ObjectDisposedException>(() => missing.IsOpened());
        Assert.Throws<ObjectDisposedException>(() => missing.Read(frame));
    }
}
