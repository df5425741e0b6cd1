using System.Numerics.Tensors;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// A two-stream package taken apart: the picture's map, the sound's embedding and the head, each on its own, so that whoever has many sounds for a
/// picture (evaluation, retrieval) computes neither twice. The live way, with its marks and verdict, is <see cref="TwoStreamLocalizer"/>. For one thread.
/// </summary>
public sealed class TwoStreamModel : IDisposable
{
    private const float Epsilon = 1e-12f;

    private readonly ImageTensor _tensor;
    private readonly OnnxTrunk _image;
    private readonly OnnxTrunk _audio;
    private readonly IHead _head;
    private readonly ProjectionHeads? _projections;
    private readonly AudioPool _pool;
    private readonly int _audioCells;

    /// <summary>Loads the networks.</summary>
    /// <param name="package">A package with trunks.image and trunks.audio.</param>
    /// <param name="options">Device, threads.</param>
    /// <exception cref="InferenceException">A file is damaged, or the networks are not what the manifest says.</exception>
    public TwoStreamModel(ModelPackage package, LocalizerOptions options)
    {
        Manifest = package.Manifest;
        var device = ExecutionProvider.Choose(options.Device, options.Log);
        Info = new LocalizerInfo(Manifest.Name, package.Sha256, device);
        _tensor = new ImageTensor(Manifest.ImageFrontEnd);
        _image = Trunks.Load(package, Manifest.Trunks.Image!, device, options, Trunks.Image(Manifest));
        try
        {
            _audio = Trunks.Load(package, Manifest.Trunks.Audio!, device, options, Trunks.Audio(Manifest));
            var (image, audio) = (_image.OutputShapes[0], _audio.OutputShapes[0]);

            // Embeddings are kept pooled: the head is told that they are vectors already.
            (_pool, _audioCells) = (Manifest.Head.AudioPool, audio.Length == 4 ? (int)(audio[2] * audio[3]) : 1);
            var (pooled, settings) = (new[] { 1, audio[1] }, Manifest.Head with { AudioPool = AudioPool.None });
            _head = Heads.Make(image, pooled, settings);
            Channels = (int)audio[1];
            _projections = ProjectionHeads.Of(package, Channels);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the package says.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Its identity and device.</summary>
    public LocalizerInfo Info { get; }

    /// <summary>Rows of the map.</summary>
    public int Rows => _head.Rows;

    /// <summary>Columns of the map.</summary>
    public int Cols => _head.Cols;

    /// <summary>Length of an embedding.</summary>
    public int Channels { get; }

    /// <summary>The picture's map, Channels x Rows x Cols, not normalised; valid until the next call.</summary>
    /// <param name="bgr">height x width x 3 bytes.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    public ReadOnlySpan<float> See(ReadOnlySpan<byte> bgr, int width, int height)
    {
        _tensor.Fill(bgr, width, height, _image.Input());
        _image.Run();
        return _image.Output();
    }

    /// <summary>The sound's embedding: pooled, not normalised.</summary>
    /// <param name="spectrogram">As the audio front end gives it: rows x columns.</param>
    public float[] Hear(ReadOnlySpan<float> spectrogram)
    {
        spectrogram.CopyTo(_audio.Input());
        _audio.Run();
        var output = _audio.Output();
        var embedding = new float[Channels];
        for (var c = 0; c < Channels; c++)
        {
            var cells = output.Slice(c * _audioCells, _audioCells);
            embedding[c] = _pool == AudioPool.Mean ? TensorPrimitives.Sum(cells) / _audioCells : TensorPrimitives.Max(cells);
        }

        return embedding;
    }

    /// <summary>Joins the two.</summary>
    /// <param name="map">Of <see cref="See"/>.</param>
    /// <param name="embedding">Of <see cref="Hear"/>.</param>
    /// <param name="scores">Rows x Cols raw scores.</param>
    /// <returns>What presence is judged by: the best raw score, or the head's own evidence (<see cref="IHead.Evidence"/>).</returns>
    public float Join(ReadOnlySpan<float> map, ReadOnlySpan<float> embedding, Span<float> scores)
    {
        _head.SetAudio(embedding);
        _head.Map(map, scores);
        return _head.Evidence ?? TensorPrimitives.Max<float>(scores);
    }

    /// <summary>The picture as one vector: the mean over its cells of the map's unit vectors (what retrieval compares).</summary>
    /// <param name="map">Of <see cref="See"/>.</param>
    public float[] Summary(ReadOnlySpan<float> map)
    {
        var (cells, mean) = (Rows * Cols, new float[Channels]);
        var (norms, channel) = (new float[cells], new float[cells]);
        for (var c = 0; c < Channels; c++)
        {
            var part = map.Slice(c * cells, cells);
            TensorPrimitives.MultiplyAdd(part, part, norms, norms);
        }

        TensorPrimitives.Sqrt(norms, norms);
        TensorPrimitives.Max(norms, Epsilon, norms);
        for (var c = 0; c < Channels; c++)
        {
            TensorPrimitives.Divide(map.Slice(c * cells, cells), norms, channel);
            mean[c] = TensorPrimitives.Sum<float>(channel) / cells;
        }

        return mean;
    }

    /// <summary>Both sides in the space that training aligned beside the heatmap, of length 1; null if the package has none.</summary>
    /// <param name="map">Of <see cref="See"/>.</param>
    /// <param name="embedding">Of <see cref="Hear"/>.</param>
    public (float[] Picture, float[] Sound)? Project(ReadOnlySpan<float> map, ReadOnlySpan<float> embedding)
    {
        if (_projections is null)
        {
            return null;
        }

        var (cells, peak) = (Rows * Cols, new float[Channels]);
        for (var c = 0; c < Channels; c++)
        {
            peak[c] = TensorPrimitives.Max(map.Slice(c * cells, cells));
        }

        return _projections.Project(peak, embedding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _projections?.Dispose();
        _audio?.Dispose();
        _image.Dispose();
    }
}
