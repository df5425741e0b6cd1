using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>What is left of a recording when something breaks, and what the user is told.</summary>
public sealed class RecordingFailureTests : IDisposable
{
    private static readonly AudioInfo Sound = new("test", 48000, 2, false);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_disk_stops_the_recorder_only_and_it_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(TinyDisk.TryMount(_folder["disk"], 6000, out var disk, out var why), why);
        using var mounted = disk;
        Directory.CreateDirectory(_folder["disk/run"]);
        await using var take = await Take.StartAsync(_folder["disk/run"], 320, 240, 25, Sound);
        await File.WriteAllBytesAsync(_folder["disk/other"], new byte[5 << 20], TestContext.Current.CancellationToken);
        take.IsNoisy = true;
        await take.PlayAsync(0, 20, 0.04);
        await Wait.UntilAsync(() => take.Health["record"] is { Online: false });
        Assert.Contains("No space left", take.Health["record"]!.Why, StringComparison.Ordinal);
        Assert.Single(take.Log.Lines, l => l.Contains("nothing is recorded", StringComparison.Ordinal));
        AssertPlays(_folder["disk/run/annotated.part.mp4"], 0.5);

        // There is room again, and nobody has to say so.
        File.Delete(_folder["disk/other"]);
        take.IsNoisy = false;
        take.Clock.Advance(TimeSpan.FromSeconds(2));
        await take.PlayAsync(20, 26, 0.04);
        await Wait.UntilAsync(() => take.Health["record"] is { Online: true });
        await take.EndAsync();

        var (written, lost) = (take.Counters["record.frames.written"].Value, take.Counters["record.frames.lost"].Value);
        Assert.Equal(650, written + lost);
        Assert.True(lost > 100, $"{lost} lost");
        var video = _folder["disk/run/annotated.mp4"];
        Assert.Equal(written, Media.PictureTimes(video).Count);
        InStep.Check(video, clicks: 5, from: 21, seconds: 5);
        var gap = Recordings.ReadSidecar(video).GetProperty("gaps")[0];
        Assert.Contains("No space left", gap.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal(lost / 25.0, gap.GetProperty("seconds").GetDouble(), 0.1);
    }

    [Fact]
    public async Task A_disk_that_vanishes_is_waited_for_and_nothing_is_written_beneath_its_mount_point()
    {
        Assert.SkipUnless(TinyDisk.TryMount(_folder["disk"], 6000, out var disk, out var why), why);
        var settings = new RecordingSettings { Mode = RecordingMode.Segments, Folder = _folder["disk"], SegmentSeconds = 1000 };
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: settings))
        {
            await take.PlayAsync(0, 3, 0.04);
            await Wait.UntilAsync(() => take.Counters["record.frames.written"].Value > 25);
            disk!.Detach();
            take.Clock.Advance(TimeSpan.FromSeconds(2));
            await take.PlayAsync(3, 6, 0.04);
            await Wait.UntilAsync(() => take.Health["record"] is { Online: false });
            Assert.Equal(1, take.Counters["record.disk.vanished"].Value);
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["disk"]));

            Assert.True(TinyDisk.TryMount(_folder["disk"], 6000, out disk, out why), why);
            take.Clock.Advance(TimeSpan.FromSeconds(2));
            await take.PlayAsync(6, 12, 0.04);
            await take.EndAsync();
            Assert.Equal(300, take.Counters["record.frames.written"].Value + take.Counters["record.frames.lost"].Value);
        }

        using var mounted = disk;
        var video = Assert.Single(Directory.EnumerateFiles(_folder["disk"], "*.mp4", SearchOption.AllDirectories));
        AssertPlays(video, 4);
        InStep.Check(video, clicks: null);
    }

    [Fact]
    public async Task Too_little_room_to_put_the_index_first_still_gives_a_whole_video()
    {
        Assert.SkipUnless(TinyDisk.TryMount(_folder["disk"], 1400, out var disk, out var why), why);
        using var mounted = disk;
        await using (var take = await Take.StartAsync(_folder["disk"], 320, 240, 25, Sound))
        {
            take.IsNoisy = true;
            await take.PlayAsync(0, 1, 0.04);
            await take.EndAsync();
        }

        Assert.Equal(["annotated.json", "annotated.mp4"], Directory.EnumerateFiles(_folder["disk"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        AssertPlays(_folder[$"disk/{RecordingSink.FileName(RecordingLayer.Annotated)}"], 0.95);
    }

    [Fact]
    public async Task An_encoder_that_is_killed_is_started_again_and_the_file_goes_on()
    {
        var program = Script($"case \"$*\" in *pipe:1*) [ -e {_folder["killed"]} ] || {{ touch {_folder["killed"]}; exec timeout -s KILL 2 ffmpeg \"$@\"; }};; esac; exec ffmpeg \"$@\"");
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: new RecordingSettings { Ffmpeg = program });
        var end = 0.0;
        for (; take.Counters["record.encoder.restarts"].Value == 0; end++)
        {
            await take.PlayAsync(end, end + 1, 0.04);
        }

        await take.PlayAsync(end, end + 4, 0.04);
        await take.EndAsync();

        Assert.Contains("the encoder stopped: it ended with code 137", Assert.Single(take.Log.Lines, l => l.Contains("encoder stopped", StringComparison.Ordinal)), StringComparison.Ordinal);
        var (written, lost) = (take.Counters["record.frames.written"].Value, take.Counters["record.frames.lost"].Value);
        Assert.Equal((long)Math.Round((end + 4) * 25), written + lost);
        var video = _folder["annotated.mp4"];
        Assert.Equal(written, Media.PictureTimes(video).Count);
        AssertPlays(video, end + 3.9);
        InStep.Check(video, clicks: 4, from: end, seconds: 4);
        Assert.Single(Recordings.ReadSidecar(video).GetProperty("gaps").EnumerateArray());
    }

    [Fact]
    public async Task An_encoder_that_hangs_is_ended()
    {
        var program = Script("case \"$*\" in *pipe:0*) exec sleep 300;; esac; exec ffmpeg \"$@\"");
        var settings = new RecordingSettings { Ffmpeg = program, StallSeconds = 1 };
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: settings);

        // It is tried once more at once, and then not before some time has passed.
        await take.PlayAsync(0, 10, 0.04);

        Assert.Equal((2, 250), (take.Counters["record.encoder.restarts"].Value, take.Counters["record.frames.lost"].Value));
        Assert.All(take.Log.Lines.Where(l => l.Contains("encoder stopped", StringComparison.Ordinal)), l => Assert.Contains("hung for 1 s", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_encoder_that_does_not_finish_in_time_is_ended()
    {
        var program = Script("ffmpeg \"$@\"; case \"$*\" in *pipe:0*) exec sleep 300;; esac");
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: new RecordingSettings { Ffmpeg = program });
        await take.PlayAsync(0, 1, 0.04);

        var error = await Assert.ThrowsAsync<OutputException>(() => take.EndAsync(limit: TimeSpan.FromSeconds(3)));

        Assert.Contains("did not finish in time", error.Message, StringComparison.Ordinal);
        AssertPlays(_folder["annotated.mp4"], 0.95);
    }

    [Fact]
    public async Task A_recording_that_nobody_finished_is_whole_all_the_same()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound))
        {
            await take.PlayAsync(0, 1, 0.04);
        }

        AssertPlays(_folder[RecordingSink.FileName(RecordingLayer.Annotated)], 0.95);
    }

    [Fact]
    public async Task Without_FFmpeg_the_run_does_not_begin_and_the_way_out_is_named()
    {
        var error = await Assert.ThrowsAsync<OutputException>(
            () => Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: new RecordingSettings { Ffmpeg = "/nowhere/ffmpeg" }));

        Assert.Contains("/nowhere/ffmpeg", error.Message, StringComparison.Ordinal);
        Assert.Contains("install", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_without_a_picture_leaves_no_video()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound))
        {
            await take.SoundAsync(0, 1);
            await take.EndAsync();
        }

        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    private static void AssertPlays(string video, double seconds)
    {
        var times = Media.PictureTimes(video);
        Assert.True(times.Count > 0 && times[^1] - times[0] >= seconds - 0.04, $"{times.Count} pictures, last at {times.LastOrDefault()} s");
    }

    private string Script(string line)
    {
        var path = _folder["encoder"];
        File.WriteAllText(path, $"#!/bin/sh\n{line}\n");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("needs a shell");
        }
        else
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
