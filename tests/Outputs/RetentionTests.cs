using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>What is deleted to make room, and what never is.</summary>
public sealed class RetentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly Counters _counters = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_oldest_go_until_the_rest_is_small_enough()
    {
        foreach (var hour in Enumerable.Range(0, 6))
        {
            Recorded($"2025-12-31/{hour:00}/cam/00.00", bytes: 1_000_000);
        }

        Run(new RecordingSettings { KeepGb = 0.0035 });

        Assert.Equal(["2025-12-31/03/cam/00.00.mp4", "2025-12-31/04/cam/00.00.mp4", "2025-12-31/05/cam/00.00.mp4"], Videos());
        Assert.Equal(3, _counters["record.deleted"].Value);
        Assert.Equal(3, _log.Lines.Count(l => l.Contains("more than recording.keep_gb", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(_folder["2025-12-31/00"]), "an empty hour stays");
    }

    [Fact]
    public void What_is_too_old_goes()
    {
        // It is the begin of 2026.
        Recorded("2025-12-29/23/cam/59.59");
        Recorded("2025-12-30/00/cam/00.01");
        Run(new RecordingSettings { KeepDays = 2 });
        Assert.Equal(["2025-12-30/00/cam/00.01.mp4"], Videos());
    }

    [Fact]
    public void Without_room_on_the_disk_all_go_but_those_that_grow()
    {
        Recorded("2025-12-29/23/cam/59.59");
        Recorded("2025-12-29/23/cam/59.59.source");
        Recorded("2025-12-30/00/cam/00.01", ending: ".part.mp4");
        File.SetLastWriteTimeUtc(_folder["2025-12-30/00/cam/00.01.part.mp4"], _clock.ToUtc(_clock.Now) - TimeSpan.FromSeconds(5));
        Run(new RecordingSettings { KeepFreeGb = 1e6 });
        Assert.Equal(["2025-12-30/00/cam/00.01.part.mp4"], Videos());

        // What a crash left is old a minute later.
        _clock.Advance(TimeSpan.FromMinutes(2));
        Run(new RecordingSettings { KeepFreeGb = 1e6 });
        Assert.Empty(Videos());
    }

    [Fact]
    public void What_no_recorder_wrote_is_never_deleted()
    {
        string[] others = ["holiday.mp4", "2025-01-01/holiday.mp4", "2025-01-01/00/cam/holiday.mp4", "2025-01-01/00/cam/00.00.mp4", "2025-01-01/00/cam/00.01.mp4"];
        foreach (var name in others)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
            File.WriteAllBytes(_folder[name], [1]);
        }

        // One without a sidecar, one with somebody else's; and one of ours, behind a link.
        File.WriteAllText(_folder["2025-01-01/00/cam/00.01.json"], "{\"schema\": \"other\"}");
        using var elsewhere = new TemporaryFolder();
        Recorded("cam/00.00", root: elsewhere);
        Directory.CreateDirectory(_folder["2025-01-02"]);
        Directory.CreateSymbolicLink(_folder["2025-01-02/00"], elsewhere.Path);

        Run(new RecordingSettings { KeepDays = 1, KeepFreeGb = 1e6, KeepGb = 1e-9 });

        Assert.Equal(0, _counters["record.deleted"].Value);
        Assert.All(others, name => Assert.True(File.Exists(_folder[name]), name));
        Assert.True(File.Exists(elsewhere["cam/00.00.mp4"]));
    }

    [Fact]
    public void How_long_there_is_room_is_said_beforehand_and_again_when_it_gets_short()
    {
        var outlook = new Outlook(new RecordingSettings { KeepGb = 1 }, _clock, _log);
        var oldest = new Kept(100_000_000, 3, "2025-12-30/00/cam/00.01.mp4", _clock.ToUtc(_clock.Now));
        for (var i = 0; i <= 60; i++)
        {
            outlook.Add(TimeSpan.FromSeconds(i), 1_000_000);
        }

        Assert.Equal("8.00 Mbit/s; in 15 min 2025-12-30/00/cam/00.01.mp4 is deleted", outlook.Say(long.MaxValue, oldest, "record"));
        outlook.Say(long.MaxValue, oldest, "record");
        Assert.Equal("8.00 Mbit/s; in 3 min 2025-12-30/00/cam/00.01.mp4 is deleted", outlook.Say(long.MaxValue, oldest with { Bytes = 820_000_000 }, "record"));
        Assert.Equal(["Info", "Warning"], _log.Lines.Select(l => l.Split(':')[0]));
    }

    private void Run(RecordingSettings settings) => new Retention(_folder.Path, settings, new Disk(_folder.Path), _clock, _counters, _log).Run();

    private List<string> Videos() =>
    [
        .. Directory.EnumerateFiles(_folder.Path, "*.mp4", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(_folder.Path, f).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    private void Recorded(string stem, int bytes = 1000, string ending = ".mp4", TemporaryFolder? root = null)
    {
        var path = (root ?? _folder)[stem];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ending, new byte[bytes]);
        Recordings.Sidecar(Localizations.Stream(_folder.Path, 64, 48), TimeSpan.Zero).Write(path + ".json", "x.mp4");
    }
}
