using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>detections.jsonl and summary.json as a reader finds them.</summary>
public sealed class FileSinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Localizations _localizations = new(320, 240);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_line_is_in_the_file_before_the_next_frame()
    {
        await using var sink = new DetectionsSink();
        await sink.StartAsync(Localizations.Stream(_folder.Path, 320, 240), Token);

        for (var i = 0; i < 3; i++)
        {
            using var found = _localizations.Next(i / 25.0);
            await sink.WriteAsync(found, Token);

            // As another process sees it, without a flush or a close.
            Assert.Equal(Enumerable.Range(0, i + 1), Seqs());
        }
    }

    [Fact]
    public async Task After_a_full_disk_the_file_goes_on_with_whole_lines()
    {
        Assert.SkipUnless(TinyDisk.TryMount(_folder["disk"], 16, out var disk, out var why), why);
        using var mounted = disk;
        await using var sink = new DetectionsSink();
        await sink.StartAsync(Localizations.Stream(_folder["disk"], 320, 240), Token);
        await File.WriteAllBytesAsync(_folder["disk/other"], new byte[8 << 10], Token);

        var error = await Assert.ThrowsAsync<OutputException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await WriteOne(sink);
            }
        });
        File.Delete(_folder["disk/other"]);
        await WriteOne(sink);

        Assert.Contains(DetectionsSink.FileName, error.Message, StringComparison.Ordinal);
        var seqs = Seqs(_folder["disk"]);
        Assert.Equal(seqs.Order(), seqs);
        Assert.True(seqs[^1] > seqs[^2] + 1, "the line after the error is there, the lost one is not");
    }

    [Fact]
    public async Task A_second_run_does_not_write_over_the_first()
    {
        await File.WriteAllTextAsync(_folder[DetectionsSink.FileName], "first\n", Token);
        await using var sink = new DetectionsSink();

        await Assert.ThrowsAsync<OutputException>(async () => await sink.StartAsync(Localizations.Stream(_folder.Path, 320, 240), Token));

        Assert.Equal("first\n", await File.ReadAllTextAsync(_folder[DetectionsSink.FileName], Token));
    }

    [Fact]
    public async Task The_summary_tells_what_the_run_did()
    {
        await using var sink = new SummarySink();
        await sink.StartAsync(Localizations.Stream(_folder.Path, 320, 240, audio: new AudioInfo("test", 44100, 2, false)), Token);
        var summary = new RunSummary
        {
            FramesIn = 10,
            FramesProcessed = 9,
            FramesDropped = new Dictionary<string, long> { ["newest_wins"] = 1 },
            Fps = 123.456,
            LatencyMs = new Dictionary<string, Percentiles> { ["total"] = new(1, 2, 3, double.PositiveInfinity) },
            AvOffsetMs = null,
            Models = [new ModelUse(Localizations.Model, 0)],
            Ended = "end of source",
        };

        await sink.FinishAsync(summary, Token);

        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder[SummarySink.FileName], Token));
        var root = json.RootElement;
        Assert.Equal((10, 9), (root.GetProperty("frames_in").GetInt32(), root.GetProperty("frames_processed").GetInt32()));
        Assert.Equal(1, root.GetProperty("frames_dropped").GetProperty("newest_wins").GetInt32());
        Assert.Equal(123.46, root.GetProperty("fps").GetDouble());
        Assert.Equal(2, root.GetProperty("latency_ms").GetProperty("total").GetProperty("p95").GetDouble());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("latency_ms").GetProperty("total").GetProperty("max").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("av_offset_ms").ValueKind);
        Assert.Equal("cpu", root.GetProperty("model").GetProperty("device").GetProperty("effective").GetString());
        Assert.Equal([SummarySink.FileName], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName));
    }

    private async Task WriteOne(DetectionsSink sink)
    {
        using var found = _localizations.Next(0);
        await sink.WriteAsync(found, Token);
    }

    private List<int> Seqs(string? folder = null) =>
        [.. File.ReadLines(Path.Combine(folder ?? _folder.Path, DetectionsSink.FileName)).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("seq").GetInt32();
        })];
}
