using System.Numerics.Tensors;
using RealtimeSsl.Inference.Models;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// Joins the two streams: the cosine between the audio embedding and the image embedding of each cell, divided by a temperature. S[y,x] =
/// sum_c v[c,y,x] a[c] / (max(|v[y,x]|, 1e-12) max(|a|, 1e-12) tau), the head of LVS, EZ-VSL, FNAC, MarginNCE, SSLalign and others.
/// </summary>
public sealed class CosineHead : IHead
{
    private const float Epsilon = 1e-12f;

    private readonly int _channels;
    private readonly int _audioCells;
    private readonly AudioPool _pool;
    private readonly float _temperature;
    private readonly float[] _audio;
    private readonly float[] _norms;

    /// <summary>Makes the head for the shapes that the trunks give.</summary>
    /// <param name="image">Image map [1, C, rows, cols].</param>
    /// <param name="audio">Audio map [1, C, h, w], or vector [1, C].</param>
    /// <param name="settings">Pooling and temperature.</param>
    /// <exception cref="InferenceException">The shapes do not belong together.</exception>
    public CosineHead(IReadOnlyList<long> image, IReadOnlyList<long> audio, HeadSettings settings)
    {
        if (image.Count != 4 || audio.Count is not (2 or 4) || image[0] != 1 || audio[0] != 1 || image[1] != audio[1])
        {
            throw new InferenceException(
                $"the trunks give an image map [{string.Join(",", image)}] and an audio embedding [{string.Join(",", audio)}]; "
                + "the cosine head joins [1,C,rows,cols] with [1,C,h,w] or [1,C]");
        }

        (_channels, Rows, Cols) = ((int)image[1], (int)image[2], (int)image[3]);
        _audioCells = audio.Count == 4 ? (int)(audio[2] * audio[3]) : 1;
        (_pool, _temperature) = (settings.AudioPool, settings.Temperature);
        if (_pool == AudioPool.None && _audioCells != 1)
        {
            throw new InferenceException(
                $"head.audio_pool = none, but the audio trunk gives a map [{string.Join(",", audio)}]: "
                + "set max or mean, as the method has it");
        }

        (_audio, _norms) = (new float[_channels], new float[Rows * Cols]);
    }

    /// <inheritdoc/>
    public int Rows { get; }

    /// <inheritdoc/>
    public int Cols { get; }

    /// <inheritdoc/>
    public float? Evidence => null;

    /// <summary>The audio embedding: pooled over its positions, length 1.</summary>
    public ReadOnlySpan<float> Audio => _audio;

    /// <inheritdoc/>
    public void SetAudio(ReadOnlySpan<float> embedding)
    {
        for (var c = 0; c < _channels; c++)
        {
            var cells = embedding.Slice(c * _audioCells, _audioCells);
            _audio[c] = _pool == AudioPool.Mean ? TensorPrimitives.Sum(cells) / _audioCells : TensorPrimitives.Max(cells);
        }

        TensorPrimitives.Divide(_audio, Math.Max(TensorPrimitives.Norm<float>(_audio), Epsilon), _audio);
    }

    /// <inheritdoc/>
    public void Map(ReadOnlySpan<float> image, Span<float> scores)
    {
        var cells = Rows * Cols;
        var norms = _norms.AsSpan();
        scores.Clear();
        norms.Clear();
        for (var c = 0; c < _channels; c++)
        {
            // All cells of a channel lie together, so sums over the channels run over whole vectors.
            var channel = image.Slice(c * cells, cells);
            TensorPrimitives.MultiplyAdd(channel, _audio[c], scores, scores);
            TensorPrimitives.MultiplyAdd(channel, channel, norms, norms);
        }

        TensorPrimitives.Sqrt(norms, norms);
        TensorPrimitives.Max(norms, Epsilon, norms);
        TensorPrimitives.Divide(scores, norms, scores);
        TensorPrimitives.Divide(scores, _temperature, scores);
    }
}
