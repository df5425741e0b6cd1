using OpenCvSharp;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>
/// annotated.mp4 as a player shows it: flashes in the picture and clicks in the sound, at the same moments when they go in, are looked for in
/// what comes out.
/// </summary>
public sealed class AnnotatedVideoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Video => _folder[RecordingSink.FileName(RecordingLayer.Annotated)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(7, 16000, 1)]
    [InlineData(25, 48000, 2)]
    [InlineData(29.97, 44100, 2)]
    [InlineData(60, 22050, 1)]
    [InlineData(30, 96000, 1)]
    [InlineData(30, 48000, 6)]
    public async Task Sound_and_picture_are_in_step_at_any_rate(double fps, int rate, int channels)
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, fps, new AudioInfo("test", rate, channels, false)))
        {
            await take.PlayAsync(0, 4, 1 / fps);
            await take.EndAsync();
        }

        AssertInStep(Video, clicks: 4);
        AssertEqual(4, Media.Duration(Video, "v:0"), within: 1 / fps);
        AssertEqual(4, Media.Duration(Video), within: 1 / fps);
        Assert.Equal(["annotated.json", "annotated.mp4"], Directory.EnumerateFiles(_folder.Path).Select(FileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Pictures_at_uneven_times_keep_them()
    {
        // 60, then 7, then 20 pictures a second, as a phone in the dark does.
        List<double> times = [.. Enumerable.Range(0, 60).Select(i => i / 60.0), .. Enumerable.Range(0, 7).Select(i => 1 + i / 7.0),
            .. Enumerable.Range(0, 40).Select(i => 2 + i / 20.0)];
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, null, new AudioInfo("test", 48000, 1, false)))
        {
            await take.PlayAsync(times, 4);
            await take.EndAsync();
        }

        Assert.All(times.Zip(Media.PictureTimes(Video)), pair => AssertEqual(pair.First, pair.Second, within: 0.0005));
        AssertEqual(4, Media.Duration(Video), within: 0.05);
        AssertInStep(Video, clicks: 4);
    }

    [Fact]
    public async Task Sound_that_begins_late_is_still_in_step()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 44100, 2, false)))
        {
            take.IsSounding = time => time >= 1.25;
            await take.PlayAsync(0, 4, 0.04);
            await take.EndAsync();
        }

        AssertInStep(Video, clicks: 3);
        Assert.All(Media.Sound(Video)[..(int)(1.2 * 48000)], sample => Assert.InRange(sample, -0.01f, 0.01f));
    }

    [Fact]
    public async Task Sound_that_ends_early_leaves_silence()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 44100, 2, false)))
        {
            take.IsSounding = time => time < 2.25;
            await take.PlayAsync(0, 9, 0.04);
            await take.EndAsync();
        }

        AssertInStep(Video, clicks: 2);
        AssertEqual(9, Media.Duration(Video), within: 0.04);
        AssertEqual(9, Media.Duration(Video, "a:0"), within: 0.05);
    }

    [Fact]
    public async Task Holes_in_the_sound_are_silence_and_move_nothing()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 48000, 1, false)))
        {
            take.IsSounding = time => time is not (> 0.7 and < 1.2) and not (> 2.1 and < 2.14);
            await take.PlayAsync(0, 5, 0.04);
            await take.EndAsync();
            Assert.Equal(2, take.Counters["record.audio.gaps"].Value);
        }

        AssertInStep(Video, clicks: 5);
        Assert.All(Media.Sound(Video)[(int)(0.8 * 48000)..(int)(1.1 * 48000)], sample => Assert.InRange(sample, -0.01f, 0.01f));
    }

    [Fact]
    public async Task A_microphone_whose_clock_runs_away_stays_in_step()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 16000, 1, true), live: true))
        {
            // 2 000 ppm, ten times the worst device, shows in seconds what others do in minutes.
            take.Drift = 2e-3;
            await take.PlayAsync(0, 20, 0.04);
            await take.EndAsync();
            Assert.Equal(0, take.Counters["record.audio.gaps"].Value);
        }

        AssertInStep(Video, clicks: 20);
    }

    [Fact]
    public async Task A_live_recording_begins_with_its_first_picture()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 48000, 2, true), live: true))
        {
            await take.SoundAsync(96.3, 100.02);
            await take.PlayAsync(100.02, 104.02, 0.04);
            await take.EndAsync("interrupted");
        }

        AssertEqual(0, Media.PictureTimes(Video)[0], within: 0.001);
        AssertEqual(4, Media.Duration(Video), within: 0.04);
        AssertInStep(Video, clicks: 4);
    }

    [Fact]
    public async Task A_time_limit_ends_the_sound_with_the_picture()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 48000, 2, false)))
        {
            await take.PlayAsync(0, 2, 0.04);
            await take.SoundAsync(2, 5);
            await take.EndAsync("time limit");
        }

        AssertEqual(2, Media.Duration(Video), within: 0.04);
    }

    [Fact]
    public async Task The_sound_after_the_last_picture_belongs_to_the_file()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 48000, 2, false)))
        {
            await take.PlayAsync(0, 2, 0.04);
            await take.SoundAsync(2, 3.5);
            await take.EndAsync();
        }

        AssertEqual(3.5, Media.Duration(Video), within: 0.04);
    }

    [Fact]
    public async Task A_source_without_sound_gives_a_video_without_sound()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, null))
        {
            await take.PlayAsync(0, 2, 0.04);
            await take.EndAsync();
        }

        Assert.Equal(["video"], Media.Streams(Video));
        AssertEqual(2, Media.Duration(Video), within: 0.04);
    }

    [Theory]
    [InlineData(321, 241, "322,242")]
    [InlineData(298, 224, "298,224")]
    public async Task Odd_sizes_are_padded(int width, int height, string size)
    {
        await using (var take = await Take.StartAsync(_folder.Path, width, height, 25, null))
        {
            await take.PlayAsync(0, 0.4, 0.04);
            await take.EndAsync();
        }

        Assert.Equal([size], Media.Probe(Video, "-show_entries", "stream=width,height"));
    }

    [Fact]
    public async Task Pictures_of_another_size_are_fitted_into_the_first()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, null))
        {
            await take.PlayAsync(0, 0.4, 0.04);
            take.Size = new Size(640, 240);
            await take.PlayAsync(0.4, 1.2, 0.04);
            await take.EndAsync();
        }

        Assert.Equal(["320,240"], Media.Probe(Video, "-show_entries", "stream=width,height"));
        AssertEqual(1.2, Media.Duration(Video), within: 0.04);

        // Twice as wide: black above and below. At 0.6 s there is a flash, between the bars.
        var last = Media.Run("ffmpeg", "-ss", "0.6", "-i", Video, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-");
        Assert.InRange(last[20 * 320 + 160], 0, 20);
        Assert.InRange(last[120 * 320 + 160], 200, 255);
    }

    [Fact]
    public async Task Times_that_step_back_are_left_out_and_counted()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, null))
        {
            await take.PlayAsync([0, 0.04, 0.04, 0.02, 0.08], 0.12);
            await take.EndAsync();
            Assert.Equal((3, 2), (take.Counters["record.frames.written"].Value, take.Counters["record.frames.lost"].Value));
        }

        Assert.Equal(3, Media.PictureTimes(Video).Count);
    }

    [Fact]
    public async Task A_live_recorder_that_is_behind_leaves_out_pictures_but_no_sound()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, new AudioInfo("test", 48000, 1, true), live: true))
        {
            await take.PlayAsync(0, 2, 0.04);
            take.Clock.Advance(Localizations.Origin - take.Clock.ToUtc(TimeSpan.Zero) + TimeSpan.FromSeconds(2.6));
            await take.PlayAsync(2, 4, 0.04);
            await take.EndAsync("interrupted");

            // Behind by 0.6 s at 2 s of the source, by nothing later.
            Assert.InRange(take.Counters["record.frames.lost"].Value, 2, 4);
        }

        AssertInStep(Video, clicks: 4);
    }

    private static void AssertInStep(string video, int clicks) => InStep.Check(video, clicks);

    private static void AssertEqual(double expected, double actual, double within) =>
        Assert.True(Math.Abs(expected - actual) <= within, $"expected {expected} +- {within}, got {actual}");

    private static string FileName(string path) => Path.GetFileName(path);
}
