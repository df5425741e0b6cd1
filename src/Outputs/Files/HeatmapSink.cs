using System.Globalization;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// <c>heatmaps.npy</c>, the raw scores of each localized frame as the method computed them, and <c>heatmaps.csv</c>, which says the sequence
/// number and the time of each. Both read at any moment of the run.
/// </summary>
public sealed class HeatmapSink : ISink
{
    /// <summary>Name of the array in the run folder: float32 [frames, rows, cols].</summary>
    public const string FileName = "heatmaps.npy";

    /// <summary>Name of the table in the run folder: one line per item of the array.</summary>
    public const string TableName = "heatmaps.csv";

    private readonly byte[] _line = new byte[64];
    private StreamInfo? _stream;
    private NpyFile? _array;
    private FileStream? _table;

    /// <inheritdoc/>
    public string Name => "heatmaps";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 32 : 4);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _stream = stream;
        _table = RunFolder.CreateFile(Path.Combine(stream.Folder, TableName));
        _table.Write("seq,media_time\n"u8);
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds the frame's heatmap; a frame without one (nothing was computed) leaves no line. A live source's time is that of its timeline.</summary>
    /// <exception cref="OutputException">The grid is not of the size of the first one's, or the disk is full.</exception>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var (stream, table) = (_stream, _table) is ({ } s, { } t) ? (s, t) : throw new InvalidOperationException("not started");
        var map = localization.Heatmap;
        if (map.Rows * map.Cols == 0)
        {
            return ValueTask.CompletedTask;
        }

        var path = Path.Combine(stream.Folder, FileName);
        _array ??= new NpyFile(path, map.Rows, map.Cols);
        if ((map.Rows, map.Cols) != (_array.Rows, _array.Cols))
        {
            throw new OutputException(
                $"{path}: holds heatmaps of {_array.Rows} x {_array.Cols}, frame {localization.Seq} has {map.Rows} x {map.Cols}; it is left out");
        }

        try
        {
            _array.Add(map.Scores);
            table.Write(_line.AsSpan(0, Describe(localization)));
        }
        catch (IOException e)
        {
            throw new OutputException($"{path}: a heatmap could not be written: {e.Message.TrimEnd('.')}", e);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => DisposeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _array?.Dispose();
        _table?.Dispose();
        (_array, _table) = (null, null);
        return ValueTask.CompletedTask;
    }

    private int Describe(Localization found)
    {
        Span<char> text = stackalloc char[64];
        var time = found.MediaTime ?? found.Time.TotalSeconds;
        text.TryWrite(CultureInfo.InvariantCulture, $"{found.Seq},{Math.Round(time, 6)}\n", out var length);
        return Encoding.ASCII.GetBytes(text[..length], _line);
    }
}
