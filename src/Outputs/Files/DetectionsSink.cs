using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// <c>detections.jsonl</c>: one frame message per line. Each line reaches the operating system in one write, so the file is whole up to its last
/// line whenever the process ends, and however.
/// </summary>
public sealed class DetectionsSink : ISink
{
    /// <summary>Name of the file in the run folder.</summary>
    public const string FileName = "detections.jsonl";

    private readonly FrameMessage _message = new();
    private FileStream? _file;
    private string _camera = "";
    private long _whole;

    /// <inheritdoc/>
    public string Name => "detections";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 32 : 4);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _camera = stream.Camera;
        _file = RunFolder.CreateFile(Path.Combine(stream.Folder, FileName));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var file = _file ?? throw new InvalidOperationException("not started");
        var line = _message.Write(localization, _camera).Line.Span;
        try
        {
            file.Write(line);
            _whole += line.Length;
        }
        catch (IOException e)
        {
            // A full disk may take half a line; without it the file goes on well when there is room again.
            file.SetLength(_whole);
            file.Position = _whole;
            throw new OutputException($"{file.Name}: a line could not be written: {e.Message.TrimEnd('.')}", e);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => DisposeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _file?.Dispose();
        _file = null;
        _message.Dispose();
        return ValueTask.CompletedTask;
    }
}
