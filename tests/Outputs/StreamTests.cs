using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenCvSharp;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Outputs.Web;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>The annotated picture as other programs take it: over HTTP, pushed, as a camera.</summary>
public sealed class StreamTests : IDisposable
{
    private const int Limit = 60_000, Width = 160, Height = 120;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_player_gets_the_annotated_picture_and_a_slate_when_the_signal_is_gone()
    {
        await using var run = await WebRun.StartAsync(Token, 320, 240);
        using var player = await PlayerAsync(run);

        // Before the first picture there is no signal either.
        using (var slate = await player.NextAsync())
        {
            Assert.Equal((320, 240), (slate.Width, slate.Height));
            Assert.True(IsSlate(slate));
        }

        run.Show(found =>
        {
            found.Frame.Pixels.Fill(200);
            Localizations.AddSource(found, 1, "drum", 0.9f, 0.5f, 0.5f);
        });
        using (var picture = await player.PictureAsync())
        {
            Assert.True(At(picture, 20, 120, 0) > 180);
            var edge = SourceColors.Bgr(1);
            Assert.True(Math.Abs(At(picture, 160, 72, 0) - edge.Val0) + Math.Abs(At(picture, 160, 72, 1) - edge.Val1) + Math.Abs(At(picture, 160, 72, 2) - edge.Val2) < 90, "the box is drawn");
        }

        using var gone = await player.NextAsync();
        Assert.True(IsSlate(gone));
    }

    [Fact(Timeout = Limit)]
    public async Task A_player_that_stops_reading_delays_nobody()
    {
        await using var run = await WebRun.StartAsync(Token, 1280, 720);
        using var stalled = await PlayerAsync(run);
        using var reading = await PlayerAsync(run);
        var random = new Random(1);
        for (var i = 0; i < 30; i++)
        {
            var grey = (byte)(40 + 5 * i);
            run.Show(found =>
            {
                random.NextBytes(found.Frame.Pixels);
                found.Frame.Pixels[..(1280 * 200 * 3)].Fill(grey);
            });
            using var picture = await reading.PictureAsync();
            Assert.Equal((double)grey, (double)At(picture, 640, 150, 0), 3.0);
        }

        Assert.InRange(run.Counters["stream.viewer.dropped.newest_wins"].Value, 1, 30);
    }

    [Theory(Timeout = Limit)]
    [InlineData("rtsp")]
    [InlineData("srt")]
    public async Task What_is_pushed_arrives_and_stays_when_the_source_goes(string kind)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ffmpeg"), "needs ffmpeg");
        var port = kind == "srt" ? FreeUdpPort() : Ports.Free();
        var url = kind == "srt" ? $"srt://127.0.0.1:{port}" : $"rtsp://127.0.0.1:{port}/live";
        using var folder = new TemporaryFolder();
        using var server = Receive(kind == "srt" ? ["-i", url + "?mode=listener"] : ["-rtsp_flags", "listen", "-i", url], folder["errors"]);

        var (clock, counters) = (new MonotonicClock(), new Counters());
        var health = new Health(clock);
        var settings = new StreamSettings { Push = url, Fps = 20 };
        await using var sink = new PushSink(settings, new OverlaySettings(), "ffmpeg", new SourceContext(clock, counters, new ListLog()), health);
        await sink.StartAsync(Localizations.Stream("", Width, Height, live: true), Token);
        using var source = new CancellationTokenSource();
        var showing = ShowAsync(sink, source.Token);

        // The picture, then the slate, on one and the same connection.
        var frame = new byte[Width * Height * 3];
        await UntilAsync(server, frame, pixel => pixel > 150);
        await source.CancelAsync();
        await showing;
        await UntilAsync(server, frame, pixel => pixel < 60);
        Assert.True(health["push"]?.Online);
        await sink.FinishAsync(new RunSummary(), Token);
        ChildProcess.End(server);
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_that_is_not_there_is_said_without_the_password_and_tried_again()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ffmpeg"), "needs ffmpeg");
        var (clock, counters, log) = (new MonotonicClock(), new Counters(), new ListLog());
        var health = new Health(clock);
        var settings = new StreamSettings { Push = $"rtsp://eve:hunter2@127.0.0.1:{Ports.Free()}/live" };
        await using var sink = new PushSink(settings, new OverlaySettings(), "ffmpeg", new SourceContext(clock, counters, log), health);
        await sink.StartAsync(Localizations.Stream("", Width, Height, live: true), Token);
        while (counters["push.restarts"].Value < 2)
        {
            await Task.Delay(20, Token);
        }

        Assert.False(health["push"]!.Online);
        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines.Append(health["push"]!.Why!), l => l.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task Where_there_is_no_virtual_camera_the_run_goes_on_and_says_why()
    {
        var (clock, log) = (new MonotonicClock(), new ListLog());
        var health = new Health(clock);
        await using var sink = new VirtualCameraSink(
            new StreamSettings { Camera = "/dev/video99" }, new OverlaySettings(), "ffmpeg", new SourceContext(clock, new Counters(), log), health);
        await sink.StartAsync(Localizations.Stream("", Width, Height, live: true), Token);
        using (var found = new Localizations(Width, Height).Next(0))
        {
            await sink.WriteAsync(found, Token);
        }

        Assert.Equal(("/dev/video99", "none"), (sink.Device!.Requested, sink.Device.Effective));
        Assert.Contains("v4l2loopback", sink.Device.Why, StringComparison.Ordinal);
        Assert.False(health["virtual_camera"]!.Online);
    }

    private static async Task ShowAsync(PushSink sink, CancellationToken stop)
    {
        var localizations = new Localizations(Width, Height);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            using (var found = localizations.Next(i * 0.04))
            {
                found.Frame.Pixels.Fill(220);
                await sink.WriteAsync(found, CancellationToken.None);
            }

            await Task.Delay(40, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private static Process Receive(string[] from, string errors)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "errors=$1; shift; exec ffmpeg -nostdin -loglevel error -probesize 32k -fflags nobuffer \"$@\" -f rawvideo -pix_fmt bgr24 -r 20 pipe:1 2>>\"$errors\"", "sh", errors, .. from])
        {
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    // The middle of the lower half: nothing is written there.
    private static async Task UntilAsync(Process server, byte[] frame, Func<byte, bool> holds)
    {
        do
        {
            await server.StandardOutput.BaseStream.ReadExactlyAsync(frame, Token);
        }
        while (!holds(frame[((Height * 9 / 10 * Width) + (Width * 3 / 4)) * 3]));
    }

    private static int FreeUdpPort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }

    // Its ground, above all that is written.
    private static bool IsSlate(Mat picture) => At(picture, picture.Width / 2, picture.Height / 8, 0) is > 15 and < 35;

    private static byte At(Mat picture, int x, int y, int channel) => picture.AsSpan<byte>()[((y * picture.Width) + x) * 3 + channel];

    private async Task<Player> PlayerAsync(WebRun run)
    {
        var answer = await _http.GetAsync(new Uri(run.Address, "stream.mjpg"), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal("multipart/x-mixed-replace", answer.Content.Headers.ContentType!.MediaType);
        return new Player(answer, await answer.Content.ReadAsStreamAsync(Token));
    }

    /// <summary>A player of JPEGs that come one after the other.</summary>
    private sealed class Player(HttpResponseMessage answer, Stream stream) : IDisposable
    {
        public async Task<Mat> NextAsync()
        {
            var length = 0;
            for (var line = await LineAsync(); line.Length > 0 || length == 0; line = await LineAsync())
            {
                length = line.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(line["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture) : length;
            }

            var jpeg = new byte[length];
            await stream.ReadExactlyAsync(jpeg, Token);
            return Cv2.ImDecode(jpeg, ImreadModes.Color);
        }

        /// <summary>The next that is no slate: on a slow machine one may have been on its way.</summary>
        public async Task<Mat> PictureAsync()
        {
            var picture = await NextAsync();
            while (IsSlate(picture))
            {
                picture.Dispose();
                picture = await NextAsync();
            }

            return picture;
        }

        public void Dispose() => answer.Dispose();

        private async Task<string> LineAsync()
        {
            var line = new StringBuilder();
            var one = new byte[1];
            while (true)
            {
                await stream.ReadExactlyAsync(one, Token);
                if (one[0] == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }

                line.Append((char)one[0]);
            }
        }
    }
}
