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
    public async Task A_full_disk_ends_the_recording_and_nothing_else()
    {
        Assert.SkipUnless(TinyDisk.TryMount(_folder["disk"], 1200, out var disk, out var why), why);
        using var mounted = disk;
        await using var take = await Take.StartAsync(_folder["disk"], 320, 240, 25, Sound);
        take.IsNoisy = true;

        var error = await Assert.ThrowsAsync<OutputException>(() => take.PlayAsync(0, 60, 0.04));

        Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
        Assert.Contains(AnnotatedVideoSink.PartName, error.Message, StringComparison.Ordinal);

        // The engine goes on to feed it, and ends it like any other sink.
        var written = take.Counters["record.frames.written"].Value;
        await take.PlayAsync(60, 61, 0.04);
        await take.EndAsync();
        Assert.Equal(written, take.Counters["record.frames.written"].Value);
        Assert.InRange(take.Counters["record.frames.lost"].Value, 25, 26);
        AssertPlays(_folder[$"disk/{AnnotatedVideoSink.PartName}"], 0.5);
        Assert.False(File.Exists(_folder[$"disk/{AnnotatedVideoSink.FileName}"]), "nothing half-written under the final name");
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

        Assert.Equal([AnnotatedVideoSink.FileName], Directory.EnumerateFiles(_folder["disk"]).Select(Path.GetFileName));
        AssertPlays(_folder[$"disk/{AnnotatedVideoSink.FileName}"], 0.95);
    }

    [Fact]
    public async Task An_encoder_that_is_killed_leaves_what_it_had()
    {
        var program = Script("exec timeout -s KILL 4 ffmpeg \"$@\"");
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: new RecordingSettings { Ffmpeg = program });

        var error = await Assert.ThrowsAsync<OutputException>(() => take.PlayAsync(0, 1000, 0.04));
        await take.EndAsync();

        Assert.Contains("the encoder stopped: it ended with code 137", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        AssertPlays(_folder[AnnotatedVideoSink.PartName], 1);
        Assert.False(File.Exists(_folder[AnnotatedVideoSink.FileName]));
    }

    [Fact]
    public async Task An_encoder_that_hangs_is_ended()
    {
        var program = Script("case \"$*\" in *pipe:0*) exec sleep 300;; esac; exec ffmpeg \"$@\"");
        var settings = new RecordingSettings { Ffmpeg = program, StallSeconds = 1 };
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: settings);

        var error = await Assert.ThrowsAsync<OutputException>(() => take.PlayAsync(0, 10, 0.04));

        Assert.Contains("hung for 1 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_that_does_not_finish_in_time_is_ended()
    {
        var program = Script("ffmpeg \"$@\"; case \"$*\" in *pipe:0*) exec sleep 300;; esac");
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: new RecordingSettings { Ffmpeg = program });
        await take.PlayAsync(0, 1, 0.04);

        var error = await Assert.ThrowsAsync<OutputException>(() => take.EndAsync(limit: TimeSpan.FromSeconds(3)));

        Assert.Contains("did not finish in time", error.Message, StringComparison.Ordinal);
        AssertPlays(_folder[AnnotatedVideoSink.PartName], 0.95);
    }

    [Fact]
    public async Task A_recording_that_nobody_finished_is_whole_all_the_same()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound))
        {
            await take.PlayAsync(0, 1, 0.04);
        }

        AssertPlays(_folder[AnnotatedVideoSink.FileName], 0.95);
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
