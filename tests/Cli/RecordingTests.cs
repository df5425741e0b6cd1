using System.Globalization;
using System.Text.Json.Nodes;
using OpenCvSharp;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>Recordings as a person meets them: after a crash, in a replay, beside the messages.</summary>
public sealed class RecordingTests : IDisposable
{
    private const int Limit = 180_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_killed_engine_leaves_recordings_that_play_up_to_a_second_before()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");

        // Benchmarks/kill.sh does it twenty times, at random moments.
        await Task.WhenAll(KillAfterAsync("a", 20), KillAfterAsync("b", 33), KillAfterAsync("c", 47));

        // What is left is played by its run folder, and one is told what it is.
        var again = await CommandLine.RunAsync("run", "--source", _folder["a"], "--no-web", "--no-video", "--out", _folder["again"]);
        Assert.True(again.Code == 0, again.Errors);
        Assert.Contains("was ended before it could close it", again.Errors, StringComparison.Ordinal);
        Assert.True(Lines("again").Count >= 8, $"{Lines("again").Count} frames");
    }

    [Fact(Timeout = Limit)]
    public async Task A_run_folder_replays_with_the_times_it_was_recorded_with()
    {
        var clip = MainJobTests.Film(_folder["clip.mp4"], seconds: 4);
        var first = await CommandLine.RunAsync("run", "--source", clip, "--no-web", "--save-source", "--out", _folder["run"]);
        Assert.True(first.Code == 0, first.Errors);
        var again = await CommandLine.RunAsync("run", "--source", _folder["run"], "--no-web", "--no-video", "--out", _folder["again"]);
        Assert.True(again.Code == 0, again.Errors);

        var (original, replay) = (Lines("run"), Lines("again"));
        Assert.Equal(original.Count, replay.Count);
        var started = (DateTime)JsonNode.Parse(File.ReadAllText(_folder["run/source.json"]))!["started_at"]!;
        foreach (var (was, now) in original.Zip(replay))
        {
            Assert.Equal((double)was["media_time"]!, (double)now["media_time"]!, 0.0005);
            var captured = started.ToUniversalTime().AddSeconds((double)now["media_time"]!);
            Assert.InRange((((DateTime)now["captured_at"]!).ToUniversalTime() - captured).TotalMilliseconds, -2, 2);
            Assert.Equal((double?)was["audio"]?["dbfs"] ?? -99, (double?)now["audio"]?["dbfs"] ?? -99, 3.0);
        }

        // Without the raw layer the overlay is in the picture, and one is told.
        File.Delete(_folder["run/source.mp4"]);
        var warned = await CommandLine.RunAsync("run", "--source", _folder["run"], "--no-web", "--no-video", "--seconds", "1", "--out", _folder["third"]);
        Assert.True(warned.Code == 0, warned.Errors);
        Assert.Contains("has the overlay in it", warned.Errors, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task A_run_that_was_not_to_record_does_when_it_is_told_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var process = CommandLine.Start(
            "run", "--source", "synthetic:drum", "--no-video", "--web-port", "0", "--out", _folder["run"], "capture.width=320", "capture.height=180", "capture.fps=10");
        Uri? page = null;
        while (page is null && await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            page = line.IndexOf("http://127.0.0.1", StringComparison.Ordinal) is > 0 and var at ? new Uri(line[at..].Split(' ')[0]) : null;
        }

        var end = CommandLine.EndAsync(process);
        using var http = new HttpClient();
        for (var n = 1; n <= 2; n++)
        {
            var name = n == 1 ? "annotated" : $"annotated-{n}";
            await SwitchAsync("true");
            await Wait.UntilAsync(() => process.HasExited || new FileInfo(_folder[$"run/{name}.part.mp4"]) is { Exists: true, Length: > 20_000 });
            await SwitchAsync("false");
            await Wait.UntilAsync(() => process.HasExited || File.Exists(_folder[$"run/{name}.mp4"]));
            Assert.NotEmpty(Media.PictureTimes(_folder[$"run/{name}.mp4"]));
            Assert.NotEmpty(Media.Sound(_folder[$"run/{name}.mp4"]));
        }

        using (var interrupt = System.Diagnostics.Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await interrupt.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var outcome = await end;
        Assert.True(outcome.Code == 0, outcome.Errors);
        var counters = JsonNode.Parse(File.ReadAllText(_folder["run/summary.json"]))!["counters"]!;
        Assert.Equal(2, (int)counters["record.files.written"]!);

        // A replay plays the first, and names the other.
        var again = await CommandLine.RunAsync("run", "--source", _folder["run"], "--no-web", "--no-video", "--out", _folder["again"]);
        Assert.True(again.Code == 0, again.Errors);
        Assert.Contains("the others can be played by name: annotated-2.mp4", again.Errors, StringComparison.Ordinal);

        async Task SwitchAsync(string on)
        {
            using var answer = await http.PostAsync(new Uri(page!, $"api/recording?on={on}"), null, TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_time_code_in_the_picture_its_place_in_the_file_and_the_message_agree_on_every_frame()
    {
        const int Frames = 120;
        var (clock, counters) = (new MonotonicClock(), new Counters());
        await using var video = new CodedVideo(clock, counters);
        var sink = new RecordingSink(RecordingLayer.Annotated, new OverlaySettings(), new RecordingSettings(), clock, counters, new ListLog());
        var parts = new EngineParts("cam", video, null, new CornerLocalizer(), [sink, new DetectionsSink()], Directory.CreateDirectory(_folder["run"]).FullName);
        var run = new Engine(parts, new EngineSettings(), new DetectorSettings(), new TrackerSettings(), clock, counters, new ListLog())
            .RunAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < Frames; i++)
        {
            // At uneven times: a frame that is in the wrong place has the wrong code.
            video.Add(i, TimeSpan.FromSeconds(i / 30.0 + (i % 7) * 0.002));
        }

        video.Channel.Complete();
        await run;

        var lines = Lines("run");
        var times = Media.PictureTimes(_folder["run/annotated.mp4"]);
        var pictures = Media.Run("ffmpeg", "-i", _folder["run/annotated.mp4"], "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-");
        Assert.Equal((Frames, Frames), (lines.Count, times.Count));
        for (var i = 0; i < Frames; i++)
        {
            var code = CodedVideo.Read(pictures.AsSpan(i * CodedVideo.Width * CodedVideo.Height));
            Assert.Equal((i, i), (code, (int)lines[i]["seq"]!));
            Assert.Equal(times[i] - times[0], (double)lines[i]["media_time"]! - (double)lines[0]["media_time"]!, 0.0001);
        }
    }

    private List<JsonNode> Lines(string run) => [.. File.ReadLines(_folder[$"{run}/detections.jsonl"]).Select(l => JsonNode.Parse(l)!)];

    private async Task KillAfterAsync(string name, int frames)
    {
        var messages = _folder[$"{name}/detections.jsonl"];
        using (var process = CommandLine.Start(
            "run", "--source", "synthetic:drum", "--no-web", "--save-source", "--out", _folder[name], "capture.width=320", "capture.height=180", "capture.fps=10"))
        {
            await Wait.UntilAsync(() => process.HasExited || (File.Exists(messages) && Captured(messages).Count >= frames));
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        // What the engine had seen by then, by its own word.
        var last = Captured(messages)[^1];
        foreach (var layer in new[] { "annotated", "source" })
        {
            var video = _folder[$"{name}/{layer}.part.mp4"];
            Assert.True(File.Exists(video), $"{layer}: after {frames} frames there is no file");
            var sidecar = JsonNode.Parse(File.ReadAllText(_folder[$"{name}/{layer}.json"]))!;
            var started = ((DateTime)sidecar["started_at"]!).ToUniversalTime();
            Assert.InRange((last - started).TotalSeconds - Media.PictureTimes(video)[^1], -0.5, 1.2);
            Assert.InRange((last - started).TotalSeconds - Media.Sound(video).Length / 48000.0, -0.5, 1.2);
        }
    }

    private static List<DateTime> Captured(string messages)
    {
        using var file = new FileStream(messages, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.EndsWith('}'))
                .Select(l => DateTime.Parse((string)JsonNode.Parse(l)!["captured_at"]!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)),
        ];
    }

    /// <summary>Pictures with their number in them: twelve bits as black and white squares in the middle, where no overlay is.</summary>
    private sealed class CodedVideo(IClock clock, Counters counters) : IVideoSource
    {
        public const int Width = 320, Height = 240;
        private const int Bits = 12, Side = 16;
        private readonly FramePool _pool = new();

        public PolicyChannel<VideoFrame> Channel { get; } = new("video", new DeliveryPolicy.Lossless(1000), clock, counters);

        public VideoInfo Info { get; } = new("coded", Width, Height, null, false);

        public System.Threading.Channels.ChannelReader<VideoFrame> Frames => Channel;

        public void Add(int number, TimeSpan time)
        {
            var frame = _pool.Rent(Width, Height);
            frame.Pixels.Fill(96);
            for (var bit = 0; bit < Bits; bit++)
            {
                using var square = new Mat(frame.Image, Square(bit));
                square.SetTo(Scalar.All((number >> bit & 1) * 255));
            }

            Channel.Write(frame.Stamp(number, time, clock.Now), TestContext.Current.CancellationToken);
        }

        public static int Read(ReadOnlySpan<byte> grey)
        {
            var number = 0;
            for (var bit = 0; bit < Bits; bit++)
            {
                var square = Square(bit);
                number |= grey[(square.Y + Side / 2) * Width + square.X + Side / 2] > 128 ? 1 << bit : 0;
            }

            return number;
        }

        public ValueTask DisposeAsync()
        {
            Channel.Drain();
            return ValueTask.CompletedTask;
        }

        private static Rect Square(int bit) => new(60 + bit * Side, 140, Side, Side);
    }
}
