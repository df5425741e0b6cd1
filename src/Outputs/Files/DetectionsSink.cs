using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// <c>detections.jsonl</c>: one frame message per line, whole up to its last line whenever the process ends.
/// </summary>
public sealed class DetectionsSink : ISink
{
    /// <summary>Name of the file in the run folder.</summary>
    public const string FileName = "detections.jsonl";

    private readonly FrameMessage _message = new();
    private LineFile? _file;
    private string _camera = "";

    /// <inheritdoc/>
    public string Name => "detections";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 32 : 4);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _camera = stream.Camera;
        _file = new LineFile(Path.Combine(stream.Folder, FileName));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var file = _file ?? throw new InvalidOperationException("not started");
        file.Write(_message.Write(localization, _camera).Line.Span);
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
