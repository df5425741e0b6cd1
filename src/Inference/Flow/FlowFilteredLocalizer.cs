using System.Numerics.Tensors;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference;

/// <summary>
/// Any localizer, filtered by motion: FlowGrad-H (Singh et al., "FlowGrad: using motion for visual sound source localization", ICASSP 2023), the use of flow
/// that needs no training. The map is stretched to 0..1, its lower half set to 0, and multiplied with the motion's length in pixels (whole ones: what moves
/// less than half a pixel in 40 ms does not move). Its authors find a source where that is at least 0.5, which is the threshold here; above 1 it is cut off.
/// What stands still is never a source: for streets and rooms with people, not for a radio on a table.
/// </summary>
public sealed class FlowFilteredLocalizer : ILocalizer
{
    /// <summary>What stands after the name of what is filtered.</summary>
    public const string Suffix = "+flow";

    private static readonly FlowFrontEnd Motion = new() { Channels = FlowChannels.Magnitude, Divisor = 1, ClipLikeAuthors = true };

    private readonly ILocalizer _inner;
    private readonly ImageFrontEnd _view = new() { Id = "flow" };
    private readonly OpticalFlow _flow;
    private readonly float[] _motion;
    private float[] _sorted = [];

    /// <summary>Filters a localizer.</summary>
    /// <param name="inner">What listens; belongs to this localizer from here on.</param>
    public FlowFilteredLocalizer(ILocalizer inner)
    {
        _inner = inner;
        Info = inner.Info with { Name = inner.Info.Name + Suffix };
        _flow = new OpticalFlow(_view, Motion);
        _motion = new float[_flow.Length];
    }

    /// <inheritdoc/>
    public LocalizerInfo Info { get; }

    /// <inheritdoc/>
    public AudioFrontEnd FrontEnd => _inner.FrontEnd;

    /// <inheritdoc/>
    public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
    {
        _inner.Localize(frame, audio, output);
        var map = output.Heatmap;
        if (output.Presence > 0)
        {
            _flow.Fill(frame, _motion);
            Filter(map);
            if (output.Why is null && TensorPrimitives.Max<float>(map.Scores) < 0.5f)
            {
                output.Why = "nothing moves";
            }
        }
        else
        {
            _flow.See(frame);
            map.Scores.Clear();
        }

        (map.Low, map.High, output.Threshold) = (0, 1, 0.5f);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _inner.Reset();
        _flow.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inner.Dispose();
        _flow.Dispose();
    }

    private void Filter(Heatmap map)
    {
        var scores = map.Scores;
        var (low, high) = (TensorPrimitives.Min<float>(scores), TensorPrimitives.Max<float>(scores));
        if (!(high > low))
        {
            scores.Clear();
            return;
        }

        if (_sorted.Length != scores.Length)
        {
            _sorted = new float[scores.Length];
        }

        scores.CopyTo(_sorted);
        _sorted.AsSpan().Sort();
        var median = _sorted[_sorted.Length / 2];
        for (var row = 0; row < map.Rows; row++)
        {
            for (var col = 0; col < map.Cols; col++)
            {
                ref var score = ref scores[row * map.Cols + col];
                score = score < median ? 0 : Math.Min(1, (score - low) / (high - low) * MotionOf(map, row, col));
            }
        }
    }

    /// <summary>Mean of the motion within a cell.</summary>
    private float MotionOf(Heatmap map, int row, int col)
    {
        var (top, bottom) = (row * _view.Height / map.Rows, (row + 1) * _view.Height / map.Rows);
        var (left, right) = (col * _view.Width / map.Cols, (col + 1) * _view.Width / map.Cols);
        var sum = 0f;
        for (var y = top; y < bottom; y++)
        {
            sum += TensorPrimitives.Sum<float>(_motion.AsSpan(y * _view.Width + left, right - left));
        }

        return sum / Math.Max(1, (bottom - top) * (right - left));
    }
}
