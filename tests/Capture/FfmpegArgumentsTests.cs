using RealtimeSsl.Capture;
using RealtimeSsl.Capture.Media;

namespace RealtimeSsl.Tests.Capture;

public sealed class FfmpegArgumentsTests
{
    [Fact]
    public void PicturesAndSoundOfAFileAreReadIndependently()
    {
        var line = Line(MediaKind.LocalFile, new MediaOptions { Input = "/a/clip.mp4" });
        Assert.Contains("-i file:/a/clip.mp4 -i file:/a/clip.mp4 -map 0:V:0? ", line, StringComparison.Ordinal);
        Assert.Contains(" -map 1:a:0? ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("nobuffer", line, StringComparison.Ordinal);
        Assert.EndsWith(" -f nut -write_index 0 pipe:1", line, StringComparison.Ordinal);
    }

    [Fact]
    public void OneStreamOfAFileIsReadOnce()
    {
        var pictures = Line(MediaKind.LocalFile, new MediaOptions { Input = "a.mp4", WantAudio = false });
        Assert.DoesNotContain("-map 1", pictures, StringComparison.Ordinal);
        var options = new MediaOptions { Input = "a.wav", WantVideo = false, AudioRate = 16000, AudioChannels = 1 };
        var sound = Line(MediaKind.LocalFile, options);
        Assert.Contains("-map 0:a:0? -c:a pcm_f32le -ar 16000 -ac 1", sound, StringComparison.Ordinal);
        Assert.DoesNotContain("rawvideo", sound, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://cam/live", "-rtsp_transport tcp -timeout 10000000 -i rtsp://cam/live")]
    [InlineData("http://cam/video", "-rw_timeout 10000000 -i http://cam/video")]
    [InlineData("udp://127.0.0.1:5000", "-analyzeduration 500000 -i udp://127.0.0.1:5000")]
    [InlineData("srt://host:9000", "-analyzeduration 500000 -i srt://host:9000")]
    public void LiveInputsAreHeldBackNowhere(string url, string part)
    {
        var line = Line(MediaKind.Live, new MediaOptions { Input = url });
        Assert.Contains("-fflags nobuffer -flags low_delay", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://h/x", true)]
    [InlineData("C://x", false)]
    [InlineData("clip.mp4", false)]
    [InlineData("a b://c", false)]
    public void AUrlHasASchemeOfTwoLettersOrMore(string text, bool url) => Assert.Equal(url, MediaOptions.IsUrlText(text));

    [Theory]
    [InlineData("rtsp://eve:s3cret@cam:554/live?x=1", "rtsp://***@cam:554/live?x=1")]
    [InlineData("rtsp://eve:p@ss@cam/live: Connection refused", "rtsp://***@cam/live: Connection refused")]
    [InlineData("http://cam/v?user=eve&password=s3cret&ch=1", "http://cam/v?user=***&password=***&ch=1")]
    [InlineData("srt://h:1?passphrase=s3cret", "srt://h:1?passphrase=***")]
    [InlineData("https://example.org/a@b.mp4", "https://example.org/a@b.mp4")]
    [InlineData("two rtsp://a:b@c/d and http://e:f@g/", "two rtsp://***@c/d and http://***@g/")]
    public void NoMessageShowsCredentials(string text, string shown) => Assert.Equal(shown, Redact.Urls(text));

    private static string Line(MediaKind kind, MediaOptions options) => string.Join(' ', FfmpegArguments.Build(kind, options));
}
