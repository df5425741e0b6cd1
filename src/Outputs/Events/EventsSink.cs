using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary><c>events.jsonl</c>: one line when something begins to sound, one a second while it lasts, one when it has ended.</summary>
public sealed class EventsSink : ISink
{
    /// <summary>Name of the file in the run folder.</summary>
    public const string FileName = "events.jsonl";

    private readonly EventMessage _message = new();
    private EventMaker? _maker;
    private LineFile? _file;
    private string _camera = "";

    /// <inheritdoc/>
    public string Name => "events";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 32 : 4);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        (_camera, _maker) = (stream.Camera, new EventMaker(stream));
        _file = new LineFile(Path.Combine(stream.Folder, FileName));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        Write((_maker ?? throw new InvalidOperationException("not started")).Add(localization));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        Write(_maker?.Finish() ?? []);
        return DisposeAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _file?.Dispose();
        _file = null;
        _message.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Write(IReadOnlyList<TrackEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            _file?.Write(_message.Write(events[i], _camera).Line.Span);
        }
    }
}
