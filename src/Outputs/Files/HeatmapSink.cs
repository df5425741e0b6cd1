using System.Globalization;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// <c>heatmaps.npy</c>, the raw scores of each localized frame as the method computed them, and <c>heatmaps.csv</c>, which says the sequence
/// number and the time of each. Both read at any moment of the run. An array has one shape: heatmaps of another one (another model, another size of
/// the picture) go to a pair of files of their own, <c>heatmaps-ROWSxCOLS.npy</c> and <c>.csv</c>.
/// </summary>
public sealed class HeatmapSink : ISink
{
    /// <summary>Name of the array in the run folder: float32 [frames, rows, cols].</summary>
    public const string FileName = "heatmaps.npy";

    /// <summary>Name of the table in the run folder: one line per item of the array.</summary>
    public const string TableName = "heatmaps.csv";

    private readonly byte[] _line = new byte[64];
    private StreamInfo? _stream;
    private readonly Dictionary<(int Rows, int Cols), (NpyFile Array, FileStream Table)> _files = [];

    /// <inheritdoc/>
    public string Name => "heatmaps";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 32 : 4);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _stream = stream;
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds the frame's heatmap; a frame without one (nothing was computed) leaves no line. A live source's time is that of its timeline.</summary>
    /// <exception cref="OutputException">The disk is full.</exception>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var stream = _stream ?? throw new InvalidOperationException("not started");
        var map = localization.Heatmap;
        if (map.Rows * map.Cols == 0)
        {
            return ValueTask.CompletedTask;
        }

        if (!_files.TryGetValue((map.Rows, map.Cols), out var files))
        {
            _files[(map.Rows, map.Cols)] = files = Create(stream.Folder, map.Rows, map.Cols);
        }

        try
        {
            files.Array.Add(map.Scores);
            files.Table.Write(_line.AsSpan(0, Describe(localization)));
        }
        catch (IOException e)
        {
            throw new OutputException($"{files.Table.Name}: a heatmap could not be written: {e.Message.TrimEnd('.')}", e);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => DisposeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var (array, table) in _files.Values)
        {
            array.Dispose();
            table.Dispose();
        }

        _files.Clear();
        return ValueTask.CompletedTask;
    }

    private (NpyFile Array, FileStream Table) Create(string folder, int rows, int cols)
    {
        var suffix = _files.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{rows}x{cols}");
        var table = RunFolder.CreateFile(Path.Combine(folder, TableName.Replace(".", suffix + ".", StringComparison.Ordinal)));
        try
        {
            table.Write("seq,media_time\n"u8);
            return (new NpyFile(Path.Combine(folder, FileName.Replace(".", suffix + ".", StringComparison.Ordinal)), rows, cols), table);
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    private int Describe(Localization found)
    {
        Span<char> text = stackalloc char[64];
        var time = found.MediaTime ?? found.Time.TotalSeconds;
        text.TryWrite(CultureInfo.InvariantCulture, $"{found.Seq},{Math.Round(time, 6)}\n", out var length);
        return Encoding.ASCII.GetBytes(text[..length], _line);
    }
}
