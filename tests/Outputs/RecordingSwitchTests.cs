using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>Recording that is switched off and on while the run goes on.</summary>
public sealed class RecordingSwitchTests : IDisposable
{
    private static readonly AudioInfo Sound = new("test", 48000, 1, true);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Off_closes_the_file_and_on_begins_another_one(bool live)
    {
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, live);
        await take.PlayAsync(0, 3, 0.04);
        take.Switch.Set(false);
        await take.PlayAsync(3, 6, 0.04);

        // Ordinary while the run goes on; and nobody says that it records.
        await PlayUntilAsync(take, () => File.Exists(_folder["annotated.mp4"]) && !File.Exists(_folder["annotated.part.mp4"]) && take.Health["record"] is null);
        var first = Recordings.ReadSidecar(_folder["annotated.mp4"]);
        Assert.Equal((true, 75, 0, 74), (first.GetProperty("complete").GetBoolean(), first.GetProperty("frames").GetInt32(), first.GetProperty("seq")[0].GetInt32(), first.GetProperty("seq")[1].GetInt32()));

        var on = _played;
        take.Switch.Set(true);
        await take.PlayAsync(on, on + 3, 0.04);
        Assert.True(take.Health["record"]!.Online);
        await take.EndAsync("interrupted");

        var second = Recordings.ReadSidecar(_folder["annotated-2.mp4"]);
        Assert.Equal((75, (int)Math.Round(on * 25)), (second.GetProperty("frames").GetInt32(), second.GetProperty("seq")[0].GetInt32()));
        Assert.Equal(on, (second.GetProperty("started_at").GetDateTime() - first.GetProperty("started_at").GetDateTime()).TotalSeconds, 0.001);
        Assert.Equal((150, 2, 0), (take.Counters["record.frames.written"].Value, take.Counters["record.files.written"].Value, take.Counters["record.frames.lost"].Value));
        InStep.Check(_folder["annotated.mp4"], clicks: 3);
        InStep.Check(_folder["annotated-2.mp4"], clicks: 3);
    }

    [Fact]
    public async Task A_run_that_records_nothing_begins_to_when_it_is_asked_to()
    {
        var settings = new RecordingSettings { Mode = RecordingMode.Segments, Folder = _folder["recordings"] };
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, live: true, settings, on: false);
        await take.PlayAsync(0, 2, 0.04);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Null(take.Health["record"]);

        take.Switch.Set(true);
        await take.PlayAsync(2, 4, 0.04);
        await take.EndAsync("interrupted");

        var video = Assert.Single(Directory.EnumerateFiles(_folder["recordings"], "*.mp4", SearchOption.AllDirectories));
        Assert.Equal("2026-01-01/00/cam/00.02.mp4", Path.GetRelativePath(_folder["recordings"], video).Replace('\\', '/'));
        Assert.Equal((50, 0), (take.Counters["record.frames.written"].Value, take.Counters["record.frames.lost"].Value));
        InStep.Check(video, clicks: 2);
    }

    [Fact]
    public async Task Without_FFmpeg_a_run_that_need_not_record_goes_on_and_says_why_it_cannot()
    {
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: new RecordingSettings { Ffmpeg = "/nowhere/ffmpeg" }, on: false);

        Assert.Contains("/nowhere/ffmpeg", take.Switch.Blocked, StringComparison.Ordinal);
        Assert.False(take.Switch.Set(true));
        await take.PlayAsync(0, 1, 0.04);
        await take.EndAsync();
        Assert.Equal(0, take.Counters["record.frames.lost"].Value);
    }

    [Fact]
    public async Task What_cannot_be_begun_is_off_again_and_says_why()
    {
        File.WriteAllText(_folder["recordings"], "in the way");
        var settings = new RecordingSettings { Mode = RecordingMode.Segments, Folder = _folder["recordings"] };
        await using var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, settings: settings, on: false);
        take.Switch.Set(true);
        await take.PlayAsync(0, 1, 0.04);

        Assert.False(take.Switch.IsOn);
        Assert.Contains("recording.folder", take.Health["record"]!.Why, StringComparison.Ordinal);
        Assert.Single(take.Log.Lines, l => l.Contains("nothing is recorded", StringComparison.Ordinal));

        // It may be tried again.
        File.Delete(_folder["recordings"]);
        take.Switch.Set(true);
        await take.PlayAsync(1, 2, 0.04);
        await take.EndAsync();
        Assert.Equal(25, take.Counters["record.frames.written"].Value);
    }

    private double _played = 6;

    // Frames go on, as they do in a run.
    private async Task PlayUntilAsync(Take take, Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 3000, "not within a minute");
            await take.PlayAsync(_played, _played + 0.04, 0.04);
            _played += 0.04;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        // To the begin of a second: the flashes come in its middle.
        var next = Math.Ceiling(_played + 0.1);
        await take.PlayAsync(_played, next, 0.04);
        _played = next;
    }
}
