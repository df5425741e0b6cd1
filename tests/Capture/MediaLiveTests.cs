using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Capture;

public sealed class MediaLiveTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TestMedia _media = new();
    private readonly ListLog _log = new();
    private readonly SourceContext _context;

    public MediaLiveTests() => _context = Sources.Context(_log);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact(Timeout = Limit)]
    public async Task AnRtspCameraDeliversPicturesAndSoundOnOurClock()
    {
        using var server = new RtspServer();
        await using var source = await MediaSource.OpenAsync(new MediaOptions { Input = server.Url("live") }, _context, Token);
        Assert.True(source.Video.Live && source.Audio.Live);
        Assert.Equal((160, 120), (source.Video.Width, source.Video.Height));
        Assert.Equal(8000, source.Audio.Rate);

        var frames = await Frames(source, 50);
        Assert.All(frames, f => Assert.InRange(f.Arrived - f.Time, TimeSpan.FromMilliseconds(-20), TimeSpan.FromSeconds(1)));
        Assert.All(frames.Zip(frames.Skip(1)), p => Assert.True(p.Second.Time > p.First.Time));
        Assert.InRange((frames[^1].Time - frames[0].Time).TotalMilliseconds / (frames[^1].Seq - frames[0].Seq), 38, 42);

        var (position, sound) = (0L, 0);
        while (source.Blocks.TryRead(out var block))
        {
            Assert.True(sound == 0 || block.Position == position, "no sample is lost");
            sound += block.Length;
            position = block.Position + block.Length;
            block.Dispose();
        }

        Assert.True(sound > 8000, $"{sound} samples in 2 s");
        Assert.Equal(0, _context.Counters["media.time_resets"].Value);
    }

    [Fact(Timeout = Limit)]
    public async Task ACameraThatGoesAndComesBackIsConnectedAgain()
    {
        using var server = new RtspServer();
        var options = new MediaOptions { Input = server.Url("live"), StallTimeout = TimeSpan.FromSeconds(2) };
        await using var source = await MediaSource.OpenAsync(options, _context, Token);
        var before = await Frames(source, 10);
        server.Kill();
        await Wait.UntilAsync(() => _log.Lines.Any(l => l.Contains("connection lost", StringComparison.Ordinal)));
        server.Start();
        await Wait.UntilAsync(() => _context.Counters["media.reconnects"].Value == 1);
        while (source.Frames.TryRead(out var old))
        {
            old.Dispose();
        }

        var after = await Frames(source, 10);
        Assert.True(after[0].Time > before[^1].Time);
        Assert.True(after[0].Seq > before[^1].Seq);
        Assert.All(after, f => Assert.InRange(f.Arrived - f.Time, TimeSpan.FromMilliseconds(-20), TimeSpan.FromSeconds(1)));
    }

    [Fact(Timeout = Limit)]
    public async Task ACameraWithoutSoundHasNone()
    {
        using var server = new RtspServer();
        await using var source = await MediaSource.OpenAsync(new MediaOptions { Input = server.Url("silent") }, _context, Token);
        Assert.False(source.HasAudio);
        await Frames(source, 5);
    }

    [Fact(Timeout = Limit)]
    public async Task AWrongPasswordIsSaidWithoutTellingThePassword()
    {
        using var server = new RtspServer(password: "right");
        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAs("eve:wr0ng"));
        Assert.Contains("after 1 attempt", e.Message, StringComparison.Ordinal);
        Assert.Contains("check user and password", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", e.Message + string.Join('\n', _log.Lines), StringComparison.Ordinal);

        await using var source = await OpenAs("eve:right");
        Assert.DoesNotContain("right", source.Video.Name, StringComparison.Ordinal);
        await Frames(source, 2);

        Task<MediaSource> OpenAs(string user)
        {
            var url = server.Url("live").Replace("rtsp://", $"rtsp://{user}@", StringComparison.Ordinal);
            return MediaSource.OpenAsync(new MediaOptions { Input = url }, _context, Token);
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("rtsp://eve:s3cret@127.0.0.1:1/live")]
    [InlineData("http://eve:s3cret@127.0.0.1:1/video")]
    [InlineData("tcp://127.0.0.1:1")]
    public async Task AnUnreachableAddressIsAnErrorInBoundedTime(string url)
    {
        var options = new MediaOptions { Input = url, ConnectTimeout = TimeSpan.FromSeconds(8), ConnectAttempts = 2 };
        var e = await Assert.ThrowsAsync<SourceException>(() => MediaSource.OpenAsync(options, _context, Token));
        Assert.Contains("cannot reach", e.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", e.Message, StringComparison.Ordinal);
        Assert.Contains("after 2 attempts in ", e.Message, StringComparison.Ordinal);
        Assert.Contains("refused", e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact(Timeout = Limit)]
    public async Task AServerThatSaysNothingIsAnErrorInBoundedTime()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var options = new MediaOptions
        {
            Input = $"rtsp://127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}/x",
            ConnectTimeout = TimeSpan.FromSeconds(3),
            ConnectAttempts = 2,
            StallTimeout = TimeSpan.FromSeconds(1),
        };
        var e = await Assert.ThrowsAsync<SourceException>(() => MediaSource.OpenAsync(options, _context, Token));
        Assert.Contains("cannot reach", e.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task PicturesAndSoundOfAUdpStreamStayTogether()
    {
        // A flash and a beep at each full second.
        var port = Ports.Free();
        const string Flash = "color=black:s=64x48:r=25,geq=lum='if(lt(mod(T,1),0.1),235,16)':cb=128:cr=128[out0]";
        const string Beep = "aevalsrc='0.5*sin(2000*PI*t)*lt(mod(t,1),0.1)':s=44100[out1]";
        using var sender = Ffmpeg(
            "-re", "-f", "lavfi", "-i", $"{Flash};{Beep}",
            "-c:v", "mpeg2video", "-g", "5", "-c:a", "mp2", "-f", "mpegts", $"udp://127.0.0.1:{port}?pkt_size=1316");
        await using var source = await MediaSource.OpenAsync(new MediaOptions { Input = $"udp://@:{port}" }, _context, Token);
        var (flashes, beeps, dark, quiet, last) = (new List<TimeSpan>(), new List<TimeSpan>(), false, 0, 0L);
        while (flashes.Count < 4)
        {
            Assert.True(await source.Frames.WaitToReadAsync(Token));
            while (source.Frames.TryRead(out var frame))
            {
                var bright = frame.Pixels[0] > 128;
                if (bright && dark && frame.Seq == last + 1)
                {
                    flashes.Add(frame.Time);
                }

                (dark, last) = (!bright, frame.Seq);
                frame.Dispose();
            }

            while (source.Blocks.TryRead(out var block))
            {
                for (var i = 0; i < block.Length; i++)
                {
                    var loud = Math.Abs(block.Samples[i * block.Channels]) > 0.05f;
                    if (loud && quiet > block.Rate / 2)
                    {
                        beeps.Add(block.Time + TimeSpan.FromSeconds((double)i / block.Rate));
                    }

                    quiet = loud ? 0 : quiet + 1;
                }

                block.Dispose();
            }
        }

        sender.Kill(entireProcessTree: true);
        // A flash at the very begin or end may lack its beep.
        var offsets = flashes.SelectMany(f => beeps.Select(b => b - f)).Where(o => o.Duration() < TimeSpan.FromSeconds(0.4)).ToList();
        Assert.True(offsets.Count >= 2, $"{flashes.Count} flashes, {beeps.Count} beeps");
        Assert.All(offsets, o => Assert.InRange(o.TotalMilliseconds, -40, 40));
    }

    [Fact(Timeout = Limit)]
    public async Task AJpegCameraIsStampedByItsArrivalAndReconnectedWhenItFallsSilent()
    {
        await using var camera = new MjpegServer(fps: 10, login: "eve:s3cret");
        var url = camera.Url.Replace("http://", "http://eve:s3cret@", StringComparison.Ordinal);
        var options = new MediaOptions { Input = url, StallTimeout = TimeSpan.FromSeconds(2) };
        await using var source = await MediaSource.OpenAsync(options, _context, Token);
        Assert.False(source.HasAudio);
        var frames = await Frames(source, 20);
        Assert.InRange((frames[^1].Time - frames[0].Time).TotalMilliseconds / (frames[^1].Seq - frames[0].Seq), 85, 200);
        Assert.All(frames, f => Assert.InRange(f.Arrived - f.Time, TimeSpan.Zero, TimeSpan.FromSeconds(0.1)));

        camera.Silent = true;
        await Wait.UntilAsync(() => _log.Lines.Any(l => l.Contains("nothing came for 2 s", StringComparison.Ordinal)));
        camera.Silent = false;
        await Wait.UntilAsync(() => _context.Counters["media.reconnects"].Value >= 1);
        await Frames(source, 5);

        await camera.SwitchOff();
        await Wait.UntilAsync(() => _context.Counters["media.connect_failures"].Value > 0);
        camera.SwitchOn();
        await Wait.UntilAsync(() => _context.Counters["media.reconnects"].Value >= 2);
        await Frames(source, 5);
        Assert.DoesNotContain(_log.Lines, l => l.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task AFileBehindAUrlIsReadWithoutLoss()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain + " -movflags +faststart");
        using var server = new HttpListener();
        var url = $"http://127.0.0.1:{Ports.Free()}/";
        server.Prefixes.Add(url);
        server.Start();
        var serving = Task.Run(
            async () =>
            {
                while (server.IsListening)
                {
                    var request = await server.GetContextAsync();
                    try
                    {
                        request.Response.ContentType = "video/mp4";
                        var bytes = await File.ReadAllBytesAsync(path);
                        request.Response.ContentLength64 = bytes.Length;
                        await request.Response.OutputStream.WriteAsync(bytes);
                        request.Response.Close();
                    }
                    catch (Exception e) when (e is IOException or HttpListenerException)
                    {
                        // The client has read the headers and hung up.
                    }
                }
            },
            Token);
        var (take, source) = await Sources.ReadAsync(new MediaOptions { Input = url + "plain.mp4" }, _context, Token);
        server.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
        Assert.False(source.Video.Live);
        Assert.Equal(50, take.Frames.Count);
        Assert.InRange(take.Samples, 2 * 44100, 2 * 44100 + 2048);
    }

    [Fact(Timeout = Limit)]
    public async Task APacedFileComesAtItsOwnPaceOnOurClock()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain);
        var begin = _context.Clock.Now;
        await using var source = await MediaSource.OpenAsync(new MediaOptions { Input = path, Realtime = true }, _context, Token);
        var origin = source.Video.MediaOrigin!.Value;
        Assert.True(source.Video.Live && origin >= begin);
        var (times, covered) = (new List<double>(), TimeSpan.Zero);
        await foreach (var frame in source.Frames.ReadAllAsync(Token))
        {
            while (source.Blocks.TryRead(out var block))
            {
                covered = block.End;
                block.Dispose();
            }

            times.Add((frame.Time - origin).TotalSeconds);
            Assert.True(frame.Arrived >= frame.Time, "no picture comes before its time");
            frame.Dispose();
        }

        Assert.True(_context.Clock.Now - begin > TimeSpan.FromSeconds(1.9));
        Assert.Equal(50, times.Count + _context.Counters["video.dropped.newest_wins"].Value);
        Assert.All(times, t => Assert.Equal(Math.Round(t * 25) / 25, t, 1e-4));
        Assert.True(covered - origin > TimeSpan.FromSeconds(1.5));
    }

    [Fact(Timeout = Limit)]
    public async Task OfAPacedFileTheNewestPictureWinsWhenItsReaderIsSlow()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain);
        await using var source = await MediaSource.OpenAsync(new MediaOptions { Input = path, Realtime = true }, _context, Token);
        await Wait.UntilAsync(() => source.Frames.Completion.IsCompleted || _context.Counters["video.dropped.newest_wins"].Value >= 49);
        Assert.True(source.Frames.TryRead(out var last));
        Assert.Equal(49, last.Seq);
        last.Dispose();
    }

    private static async Task<List<(TimeSpan Time, TimeSpan Arrived, long Seq)>> Frames(MediaSource source, int count)
    {
        var frames = new List<(TimeSpan, TimeSpan, long)>();
        while (frames.Count < count)
        {
            Assert.True(await source.Frames.WaitToReadAsync(Token), "the source ended");
            while (source.Frames.TryRead(out var frame))
            {
                frames.Add((frame.Time, frame.Arrived, frame.Seq));
                frame.Dispose();
            }
        }

        return frames;
    }

    private static Process Ffmpeg(params string[] arguments)
    {
        var start = new ProcessStartInfo("timeout") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-k", "1", "120", "ffmpeg", "-v", "error", "-nostdin", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
