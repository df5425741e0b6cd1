using System.Net.WebSockets;
using System.Text.Json;
using OpenCvSharp;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Web;

/// <summary>What a viewer of the live page is sent, and what one viewer may cost another: nothing.</summary>
public sealed class WebSinkTests
{
    private const int Limit = 60_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_viewer_gets_a_frame_together_with_what_was_found_in_it()
    {
        await using var run = await WebRun.StartAsync(Token);
        using var viewer = await run.WatchAsync(Token);
        run.Counters["video.dropped.newest_wins"].Add(3);

        run.Show(found =>
        {
            found.Frame.Pixels.Fill(200);
            found.Heatmap.Resize(2, 3);
            new float[] { -1, 0, 1, 2, 3, 9 }.CopyTo(found.Heatmap.Scores);
            (found.Heatmap.Low, found.Heatmap.High) = (-1, 3);
            found.SourceList.Add(new SoundSource(7, "drum", 0.9f, new Box(0.1f, 0.2f, 0.5f, 0.8f), 0.3f, 0.4f, 1.25));
            (found.Why, found.Presence) = (null, 0.75);
        });
        var (message, jpeg) = await viewer.NextPictureAsync(Token);

        // The frame message ...
        Assert.Equal("cam", message.GetProperty("camera").GetString());
        Assert.Equal(0.75, message.GetProperty("presence").GetDouble());
        Assert.Equal(7, message.GetProperty("sources")[0].GetProperty("id").GetInt32());
        Assert.Equal(320, message.GetProperty("resolution").GetProperty("width").GetInt32());

        // ... the heatmap from Low to High as 0..255 ...
        var heatmap = message.GetProperty("heatmap");
        Assert.Equal((2, 3), (heatmap.GetProperty("rows").GetInt32(), heatmap.GetProperty("cols").GetInt32()));
        Assert.Equal((-1, 3), (heatmap.GetProperty("low").GetInt32(), heatmap.GetProperty("high").GetInt32()));
        Assert.Equal([0, 64, 128, 191, 255, 255], heatmap.GetProperty("u8").GetBytesFromBase64());

        // ... the running figures ...
        Assert.Equal(3, message.GetProperty("live").GetProperty("counters").GetProperty("video.dropped.newest_wins").GetInt32());
        Assert.Equal(1, message.GetProperty("live").GetProperty("viewers").GetInt32());

        // ... and the picture without anything drawn into it.
        using var picture = Cv2.ImDecode(jpeg, ImreadModes.Color);
        Assert.Equal((320, 240), (picture.Width, picture.Height));
        Assert.All(picture.AsSpan<byte>().ToArray(), value => Assert.InRange(value, 198, 202));
    }

    [Fact(Timeout = Limit)]
    public async Task A_frame_wider_than_the_page_needs_is_sent_smaller_and_keeps_its_shape()
    {
        await using var run = await WebRun.StartAsync(Token, 1920, 1080);
        using var viewer = await run.WatchAsync(Token);

        run.Show();
        var (message, jpeg) = await viewer.NextPictureAsync(Token);

        using var picture = Cv2.ImDecode(jpeg, ImreadModes.Color);
        Assert.Equal((1280, 720), (picture.Width, picture.Height));
        Assert.Equal(1920, message.GetProperty("resolution").GetProperty("width").GetInt32());
    }

    [Fact(Timeout = Limit)]
    public async Task All_viewers_see_the_same_frames()
    {
        await using var run = await WebRun.StartAsync(Token);
        using var one = await run.WatchAsync(Token);
        using var two = await run.WatchAsync(Token);
        using var three = await run.WatchAsync(Token, "?window=2");

        for (var i = 0; i < 3; i++)
        {
            run.Show(found => Localizations.AddSource(found, i + 1, null, 0.8f, 0.5f, 0.5f));
            var (_, first) = await one.NextAsync(Token);
            Assert.Equal(first, (await two.NextAsync(Token)).Content);
            Assert.Equal(first, (await three.NextAsync(Token)).Content);
            await three.AnswerAsync(Token);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_viewer_that_stops_reading_delays_nobody()
    {
        await using var run = await WebRun.StartAsync(Token, 1280, 720);
        using var stalled = await run.WatchAsync(Token);
        using var reading = await run.WatchAsync(Token);
        var random = new Random(1);

        // Noise does not compress: a few dozen frames are more than any connection holds.
        for (var i = 0; i < 40; i++)
        {
            var seq = run.Show(found => random.NextBytes(found.Frame.Pixels));
            var (message, _) = await reading.NextPictureAsync(Token);
            Assert.Equal(seq, message.GetProperty("seq").GetInt64());
        }

        Assert.InRange(run.Counters["web.viewer.dropped.newest_wins"].Value, 1, 40);
    }

    [Fact(Timeout = Limit)]
    public async Task A_slow_viewer_sees_fewer_frames_not_older_ones()
    {
        await using var run = await WebRun.StartAsync(Token);
        using var slow = await run.WatchAsync(Token, "?window=2");
        using var fast = await run.WatchAsync(Token);
        for (var i = 0; i < 20; i++)
        {
            run.Show();
            await fast.NextPictureAsync(Token);
        }

        // Two were under way when it fell asleep; what it sees after them is the newest.
        var seen = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var (message, _) = await slow.NextPictureAsync(Token);
            seen.Add(message.GetProperty("seq").GetInt64());
            await slow.AnswerAsync(Token);
        }

        Assert.Equal([0, 1, 19], seen);
        Assert.Equal(17, run.Counters["web.viewer.dropped.newest_wins"].Value);
    }

    [Fact(Timeout = Limit)]
    public async Task A_viewer_that_leaves_is_forgotten()
    {
        await using var run = await WebRun.StartAsync(Token);
        using var stays = await run.WatchAsync(Token);
        (await run.WatchAsync(Token)).Dispose();

        // Its going is noticed while frames are sent to it, or before.
        while (true)
        {
            run.Show();
            var (message, _) = await stays.NextPictureAsync(Token);
            run.Clock.Advance(TimeSpan.FromSeconds(1));
            if (message.GetProperty("live").GetProperty("viewers").GetInt32() == 1)
            {
                return;
            }
        }
    }

    [Fact(Timeout = Limit)]
    public async Task While_nobody_watches_a_frame_costs_no_memory()
    {
        await using var run = await WebRun.StartAsync(Token);
        var localizations = new Localizations(320, 240);
        using var found = localizations.Next(0);
        Localizations.AddSource(found, 1, "drum", 0.8f, 0.5f, 0.5f);
        Assert.Equal(0, Allocations.LeastOfRounds(_ =>
        {
            var write = run.Sink.WriteAsync(found, Token);
            Assert.True(write.IsCompletedSuccessfully);
        }));
    }

    [Fact(Timeout = Limit)]
    public async Task At_the_end_viewers_are_told_the_summary_and_the_page_closes()
    {
        await using var run = await WebRun.StartAsync(Token);
        var address = run.Address;
        using var viewer = await run.WatchAsync(Token);
        using var careful = await run.WatchAsync(Token, "?window=1");
        run.Show();
        run.Show();
        await viewer.NextPictureAsync(Token);

        var finish = run.Sink.FinishAsync(new RunSummary { Ended = "end of source", FramesProcessed = 2, Models = [new ModelUse(Localizations.Model, 0)] }, Token);
        foreach (var each in new[] { viewer, careful })
        {
            JsonElement? ended = null;
            while (ended is null)
            {
                var (type, content) = await each.NextAsync(Token);
                ended = type == WebSocketMessageType.Text ? JsonSerializer.Deserialize<JsonElement>(content) : null;
            }

            var summary = ended.Value.GetProperty("ended");
            Assert.Equal("end of source", summary.GetProperty("ended").GetString());
            Assert.Equal(2, summary.GetProperty("frames_processed").GetInt32());
            Assert.Equal((WebSocketCloseStatus.NormalClosure, "ended"), await each.CloseAsync(Token));
        }

        await finish;
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(address, Token));
    }

    [Fact(Timeout = Limit)]
    public async Task A_viewer_that_stopped_reading_cannot_hold_up_the_end()
    {
        await using var run = await WebRun.StartAsync(Token);
        using var stalled = await run.WatchAsync(Token);
        run.Show();

        // It never answers the farewell; the test's own limit is the proof.
        await run.Sink.FinishAsync(new RunSummary { Models = [new ModelUse(Localizations.Model, 0)] }, Token);

        Assert.Equal(1, run.Counters["web.viewer.cut_off"].Value);
    }
}
