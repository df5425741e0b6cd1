using System.Numerics.Tensors;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// From raw scores to an answer, by the package's own limits. Presence comes from the best raw score, before anything is stretched to 0..1:
/// a map that is normalised by its own maximum always lights something, whether or not it sounds.
/// </summary>
/// <param name="manifest">The package's range and limits.</param>
/// <param name="rows">Rows of the network's map.</param>
/// <param name="cols">Columns of the network's map.</param>
/// <param name="calibration">What scores have meant; null: the manifest's own limit has to do.</param>
public sealed class Verdict(ModelManifest manifest, int rows, int cols, Calibration? calibration = null)
{
    /// <summary>Sound and picture may belong together, and no place stands out.</summary>
    internal const string Unsure = "unsure";

    private readonly (float Low, float High) _range = (manifest.ScoreRange.Low, manifest.ScoreRange.High);
    private readonly DetectionLimits _limits = manifest.Detection;
    private readonly PictureGrid _grid = new(manifest.ImageFrontEnd, rows, cols);

    /// <summary>There is nothing: an empty map, presence 0, and why.</summary>
    public void Nothing(VideoFrame frame, string why, LocalizerOutput output)
    {
        Prepare(output);
        _grid.Clear(frame, output.Heatmap);
        (output.Presence, output.Evidence, output.Why) = (0, double.NaN, why);
    }

    /// <summary>Puts the network's map into the answer and rates it.</summary>
    /// <param name="frame">The picture.</param>
    /// <param name="map">Raw scores.</param>
    /// <param name="output">Filled.</param>
    /// <param name="evidence">For presence, 0..1, where the best raw score does not tell it (<see cref="IHead.Evidence"/>).</param>
    public void Rate(VideoFrame frame, ReadOnlySpan<float> map, LocalizerOutput output, float? evidence = null)
    {
        var best = TensorPrimitives.Max(map);
        if (!float.IsFinite(best))
        {
            // A network that overflows (half precision does) must not paint the whole picture.
            Nothing(frame, "not a number", output);
            return;
        }

        Prepare(output);
        _grid.Place(frame, map, output.Heatmap);
        output.Evidence = evidence ?? best;
        var score = Math.Clamp((best - _range.Low) / (double)(_range.High - _range.Low), 0, 1);

        if (calibration is not null)
        {
            output.Presence = calibration.Presence(output.Evidence);
            output.Why = output.Presence < 0.5 ? "off screen?" : score < _limits.Threshold ? Unsure : null;
            return;
        }

        // The detector's limit is 0.5 for every method; the package says where on its own scale that is.
        var present = Math.Clamp(evidence ?? score, 0, 1);
        output.Presence = present < _limits.Presence
            ? 0.5 * present / _limits.Presence
            : 0.5 + 0.5 * (present - _limits.Presence) / (1 - _limits.Presence);
        output.Why = present < _limits.Presence ? "off screen?" : score < _limits.Threshold ? Unsure : null;
    }

    private void Prepare(LocalizerOutput output)
    {
        (output.Heatmap.Low, output.Heatmap.High, output.Heatmap.Label) = (_range.Low, _range.High, null);
        output.Threshold = _limits.Threshold;
    }
}
