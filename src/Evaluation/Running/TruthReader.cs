using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>The ground truth of samples on the evaluation's grid; a mask is read from its picture (not black sounds; nearest pixel).</summary>
/// <param name="media">Decoder.</param>
/// <param name="problems">Where masks that cannot be read are told.</param>
internal sealed class TruthReader(ISampleMedia media, Problems problems)
{
    private readonly float[] _map = new float[Conventions.Side * Conventions.Side];

    /// <summary>The map of a sample, valid until the next call; null if its mask cannot be read.</summary>
    public float[]? Read(BenchmarkSample sample, CancellationToken stop)
    {
        if (sample.Truth.Mask is null)
        {
            TruthMap.Fill(sample.Truth.Boxes, sample.Truth.Unit, sample.Truth.Consensus, _map);
            return _map;
        }

        try
        {
            var mask = media.ReadPicture(sample.Truth.Mask, null, stop);
            for (var i = 0; i < _map.Length; i++)
            {
                var (y, x) = (i / Conventions.Side * mask.Height / Conventions.Side, i % Conventions.Side * mask.Width / Conventions.Side);
                _map[i] = mask.Bgr.AsSpan(3 * (y * mask.Width + x), 3).ContainsAnyExcept((byte)0) ? 1 : 0;
            }

            return _map;
        }
        catch (SourceException e)
        {
            problems.Add("mask_unreadable", $"{sample.Name} ({e.Message})");
            return null;
        }
    }
}
