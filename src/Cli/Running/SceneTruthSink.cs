using System.Globalization;
using System.Text.Json;
using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>
/// For synthetic scenes, whose truth is known: writes it as <c>truth.jsonl</c> beside the detections (one line per frame), and counts how often
/// the heatmap's peak lies in a thing that sounds, and how often nothing is shown when nothing in the picture sounds.
/// </summary>
internal sealed class SceneTruthSink(SyntheticSource scene) : ISink
{
    /// <summary>After a change of what sounds, the judge looks away for this long: nobody can know at once.</summary>
    private const double Grace = 1.0;

    private FileStream? _file;
    private string _state = "";
    private double _since;
    private int _sounding;
    private int _hit;
    private int _quiet;
    private int _clean;

    /// <inheritdoc/>
    public string Name => "truth";

    /// <summary>What came of it, for the terminal; null if there was nothing to judge.</summary>
    public string? Verdict
    {
        get
        {
            var culture = CultureInfo.InvariantCulture;
            var parts = new List<string>();
            if (_sounding > 0)
            {
                parts.Add(string.Create(culture, $"the peak lay in a sounding thing on {100.0 * _hit / _sounding:0.0} % of {_sounding} frames"));
            }

            if (_quiet > 0)
            {
                parts.Add(string.Create(culture, $"while nothing in the picture sounded, no source was shown on {100.0 * _clean / _quiet:0.0} % of {_quiet} frames"));
            }

            return parts.Count > 0 ? $"Against the truth, from {Grace:0} s after each change: {string.Join("; ", parts)}" : null;
        }
    }

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(live ? 64 : 8);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _file = new FileStream(Path.Combine(stream.Folder, "truth.jsonl"), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var truth = scene.Truth(localization.Time);
        Judge(localization, truth);
        JsonSerializer.Serialize(_file!, new
        {
            seq = localization.Seq,
            time = Math.Round((localization.Time - scene.Origin).TotalSeconds, 4),
            things = truth.Select(t => new
            {
                name = t.Name,
                sounds = t.Sounds,
                visible = t.Visible,
                box = t.Visible ? new[] { Round(t.Box.X1), Round(t.Box.Y1), Round(t.Box.X2), Round(t.Box.Y2) } : null,
            }),
        });
        _file!.WriteByte((byte)'\n');
        return ValueTask.CompletedTask;

        static double Round(float v) => Math.Round(v, 4);
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_file is { } file)
        {
            _file = null;
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Judge(Localization found, IReadOnlyList<SceneTruth> truth)
    {
        var (now, state) = (found.Time.TotalSeconds, string.Join(',', truth.Select(t => t.Sounds)));
        if (state != _state)
        {
            (_state, _since) = (state, now);
        }

        if (now - _since < Grace)
        {
            return;
        }

        if (truth.Any(t => t is { Sounds: true, Visible: true }))
        {
            var (_, x, y) = found.Heatmap.Peak();
            _sounding++;
            _hit += truth.Any(t => t is { Sounds: true, Visible: true } && t.Box.Contains(x, y)) ? 1 : 0;
        }
        else
        {
            _quiet++;
            _clean += found.Sources.Count == 0 ? 1 : 0;
        }
    }
}
