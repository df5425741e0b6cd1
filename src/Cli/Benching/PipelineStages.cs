using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>The stages behind the localizer, the same for every model: detector, tracker, overlay, messages.</summary>
internal sealed class PipelineStages : IDisposable
{
    private readonly IReadOnlyList<Localization> _found;
    private readonly Detector _detector = new(new DetectorSettings());
    private readonly Tracker _tracker = new(new TrackerSettings());
    private readonly OverlayRenderer _overlay = new();
    private readonly FrameMessage _message = new();
    private readonly PageEncoder _page = new();
    private readonly SpectrumSink _spectrum = new(() => false);
    private readonly LiveStatus _status;
    private readonly LocalizerOutput _output = new();
    private readonly List<SoundSource> _detections = [];
    private readonly List<SoundSource> _tracks = [];
    private TimeSpan _time;
    private int _run;

    /// <summary>Takes what a run of the engine has found.</summary>
    public PipelineStages(Harvest harvest)
    {
        _found = harvest.Found;
        _status = new LiveStatus(harvest.Stream, new MonotonicClock(), new Counters(), () => 1);
        _status.Update(_found[0]);

        // The map as found; the presence of one that has sources.
        _output.Heatmap.CopyFrom(_found[^1].Heatmap);
        _output.Presence = 1;
        _detector.Detect(_output, _detections);
    }

    /// <summary>Stage by stage, in the order of the data's way.</summary>
    public IEnumerable<(string Name, Action Run)> Stages()
    {
        var (map, frame) = (_output.Heatmap, _found[0].Frame);
        yield return ($"detector, {map.Rows}x{map.Cols} cells", () => _detector.Detect(_output, _detections));
        yield return ($"tracker, {_detections.Count} source{(_detections.Count == 1 ? "" : "s")}", Track);
        yield return ($"overlay: heatmap enlarged, boxes, {frame.Width}x{frame.Height}", () => _overlay.Render(_found[_run++ % _found.Count]));
        yield return ("frame message (JSON)", () => _message.Write(_found[_run++ % _found.Count], "cam0"));
        yield return ("live page: JPEG and message", () => _page.Encode(_found[_run++ % _found.Count], _status, _spectrum).Dispose());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _overlay.Dispose();
        _message.Dispose();
        _page.Dispose();
        _status.Dispose();
    }

    private void Track()
    {
        _tracks.Clear();
        _tracks.AddRange(_detections);
        _time += TimeSpan.FromSeconds(1.0 / Material.Fps);
        _tracker.Update(_tracks, _time, silent: false);
    }
}
