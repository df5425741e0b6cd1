using System.Runtime.InteropServices;
using System.Text;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>heatmaps.npy and heatmaps.csv as NumPy would read them.</summary>
public sealed class HeatmapSinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Localizations _localizations = new(320, 240);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Raw_scores_are_in_the_file_before_the_next_frame()
    {
        await using var sink = new HeatmapSink();
        await sink.StartAsync(Localizations.Stream(_folder.Path, 320, 240), Token);
        for (var i = 0; i < 12; i++)
        {
            await AddAsync(sink, i, rows: 3, cols: 5);

            // As another process sees it, without a flush or a close.
            var (shape, values) = ReadNpy(_folder[HeatmapSink.FileName]);
            Assert.Equal([i + 1, 3, 5], shape);
            Assert.Equal(Enumerable.Range(0, 15).Select(n => n - 7.5f + i), values[^15..]);
        }

        await sink.FinishAsync(new RunSummary(), Token);
        var lines = await File.ReadAllLinesAsync(_folder[HeatmapSink.TableName], Token);
        Assert.Equal(["seq,media_time", "0,0", "1,0.04", "2,0.08"], lines[..4]);
        Assert.Equal(13, lines.Length);
    }

    [Fact]
    public async Task Frames_without_a_heatmap_leave_no_line()
    {
        await using var sink = new HeatmapSink();
        await sink.StartAsync(Localizations.Stream(_folder.Path, 320, 240), Token);
        await AddAsync(sink, 0, rows: 0, cols: 0);
        await AddAsync(sink, 1, rows: 2, cols: 2);

        Assert.Equal([1, 2, 2], ReadNpy(_folder[HeatmapSink.FileName]).Shape);
        Assert.Equal(["seq,media_time", "1,0.04"], await File.ReadAllLinesAsync(_folder[HeatmapSink.TableName], Token));
    }

    [Fact]
    public async Task Grids_of_another_size_have_files_of_their_own()
    {
        await using var sink = new HeatmapSink();
        await sink.StartAsync(Localizations.Stream(_folder.Path, 320, 240), Token);
        await AddAsync(sink, 0, rows: 2, cols: 2);
        await AddAsync(sink, 1, rows: 2, cols: 3);
        await AddAsync(sink, 2, rows: 2, cols: 2);

        Assert.Equal([2, 2, 2], ReadNpy(_folder[HeatmapSink.FileName]).Shape);
        Assert.Equal(["seq,media_time", "0,0", "2,0.08"], await File.ReadAllLinesAsync(_folder[HeatmapSink.TableName], Token));
        Assert.Equal([1, 2, 3], ReadNpy(_folder["heatmaps-2x3.npy"]).Shape);
        Assert.Equal(["seq,media_time", "1,0.04"], await File.ReadAllLinesAsync(_folder["heatmaps-2x3.csv"], Token));
    }

    private async Task AddAsync(HeatmapSink sink, int index, int rows, int cols)
    {
        using var found = _localizations.Next(index / 25.0);
        found.Heatmap.Resize(rows, cols);
        for (var n = 0; n < rows * cols; n++)
        {
            found.Heatmap.Scores[n] = n - 7.5f + index;
        }

        await sink.WriteAsync(found, Token);
    }

    private static (int[] Shape, float[] Values) ReadNpy(string path)
    {
        var bytes = File.ReadAllBytes(path);
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0], bytes[..8]);
        var begin = 10 + (bytes[8] | bytes[9] << 8);
        Assert.Equal(0, begin % 64);
        var header = Encoding.ASCII.GetString(bytes, 10, begin - 10);
        Assert.Matches(@"^\{'descr': '<f4', 'fortran_order': False, 'shape': \(\d+, \d+, \d+\), \} *\n$", header);
        var shape = header[(header.IndexOf('(', StringComparison.Ordinal) + 1)..header.IndexOf(')', StringComparison.Ordinal)].Split(", ");
        return ([.. shape.Select(int.Parse)], MemoryMarshal.Cast<byte, float>(bytes.AsSpan(begin)).ToArray());
    }
}
