using RealtimeSsl.Outputs;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>What a killed engine has left in the folder of the recordings, after the next start.</summary>
public sealed class LeftoverTests : IDisposable
{
    private static readonly RealtimeSsl.Pipeline.AudioInfo Sound = new("test", 48000, 1, true);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_next_start_makes_ordinary_recordings_of_what_a_crash_left()
    {
        var settings = new RecordingSettings { Mode = RecordingMode.Segments, Folder = _folder["recordings"] };
        const string Hour = "recordings/2025-12-31/23";
        foreach (var camera in (string[])["cam", "other"])
        {
            Directory.CreateDirectory(_folder[$"{Hour}/{camera}"]);
        }

        await using (var take = await Take.StartAsync(_folder["run"], 320, 240, 25, Sound, live: true, settings))
        {
            await take.PlayAsync(0, 4, 0.04);
            var growing = _folder["recordings/2026-01-01/00/cam/00.00.part.mp4"];
            await Wait.UntilAsync(() => take.Counters["record.frames.written"].Value >= 75);

            // As a crash would find it, in the middle of a part.
            File.Copy(growing, _folder["left.mp4"]);
            File.Copy(Path.ChangeExtension(growing, null)[..^".part".Length] + ".json", _folder["left.json"]);
            using (var file = new FileStream(_folder["left.mp4"], FileMode.Append))
            {
                file.Write([0, 0, 8, 0, .. "free"u8, 1, 2, 3]);
            }

            await take.EndAsync("interrupted");
        }

        // Under another camera's name, too; and one that somebody still writes.
        foreach (var name in (string[])["cam/58.00", "other/58.00", "cam/59.00"])
        {
            File.Copy(_folder["left.mp4"], _folder[$"{Hour}/{name}.part.mp4"]);
            File.Copy(_folder["left.json"], _folder[$"{Hour}/{name}.json"]);
            File.SetLastWriteTimeUtc(_folder[$"{Hour}/{name}.part.mp4"], new DateTime(2025, 12, 31, 23, 59, 0, DateTimeKind.Utc));
        }

        var written = File.GetLastWriteTimeUtc(_folder[$"{Hour}/cam/59.00.part.mp4"]);
        using var elsewhere = new FileStream(_folder[$"{Hour}/cam/59.00.part.mp4"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        await using (var next = await Take.StartAsync(_folder["run2"], 320, 240, 25, Sound, live: true, settings))
        {
            await next.PlayAsync(10, 11, 0.04);
            await Wait.UntilAsync(() => next.Counters["record.files.recovered"].Value > 0);
            await next.EndAsync("interrupted");
            Assert.Equal(1, next.Counters["record.files.recovered"].Value);
            Assert.Single(next.Log.Lines, l => l.Contains("58.00.part.mp4 was left by a run that was killed; it is 58.00.mp4 now", StringComparison.Ordinal));
        }

        Assert.Equal(["cam/58.00.json", "cam/58.00.mp4", "cam/59.00.json", "cam/59.00.part.mp4", "other/58.00.json", "other/58.00.part.mp4"],
            Directory.EnumerateFiles(_folder[Hour], "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder[Hour], f)).Order(StringComparer.Ordinal));
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder[$"{Hour}/cam/59.00.part.mp4"]));
        var video = _folder[$"{Hour}/cam/58.00.mp4"];
        var sidecar = Recordings.ReadSidecar(video);
        var times = Media.PictureTimes(video);
        Assert.Equal((true, true, times.Count), (sidecar.GetProperty("complete").GetBoolean(), sidecar.GetProperty("recovered").GetBoolean(), sidecar.GetProperty("frames").GetInt32()));
        Assert.Equal(sidecar.GetProperty("seconds").GetDouble(), Media.Duration(video), 0.05);
        Assert.Equal((0, times.Count - 1), (sidecar.GetProperty("seq")[0].GetInt32(), sidecar.GetProperty("seq")[1].GetInt32()));
        InStep.Check(video, clicks: null);
    }
}
