using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// The two-stream methods: an image network per frame, an audio network at marks of the audio's own clock (<see cref="AudioGrid"/>), a
/// head that joins them per cell. LVS, EZ-VSL, FNAC, SLAVC, MarginNCE and SSLalign differ in weights, front ends and shapes, all of which the package
/// tells; here they are one. An image network may read the motion, too (HearTheFlow), and what the audio network heard (SSPL).
/// </summary>
public sealed class TwoStreamLocalizer : ILocalizer
{
    private readonly ImageTensor _tensor;
    private readonly OnnxTrunk _image;
    private readonly OnnxTrunk _audio;
    private readonly IHead _head;
    private readonly AudioGrid _grid;
    private readonly float[] _map;
    private readonly Verdict _verdict;
    private readonly OpticalFlow? _flow;
    private readonly int _flowInput;
    private readonly int _soundInput;

    /// <summary>Loads the networks.</summary>
    /// <param name="package">A package with trunks.image and trunks.audio.</param>
    /// <param name="options">Device, threads, pace.</param>
    /// <exception cref="InferenceException">A file is damaged, or the networks are not what the manifest says.</exception>
    public TwoStreamLocalizer(ModelPackage package, LocalizerOptions options)
    {
        var manifest = package.Manifest;
        var device = ExecutionProvider.Choose(options.Device, options.Log);
        Info = new LocalizerInfo(manifest.Name, package.Sha256, device);
        FrontEnd = manifest.AudioFrontEnd;
        _tensor = new ImageTensor(manifest.ImageFrontEnd);
        _grid = new AudioGrid(FrontEnd, options.AudioEvery);
        _audio = Trunks.Load(package, manifest.Trunks.Audio!, device, options, Trunks.Audio(manifest));
        try
        {
            ImageInput[] inputs = [.. manifest.ImageInputs ?? [ImageInput.Picture]];
            (_flowInput, _soundInput) = (Array.IndexOf(inputs, ImageInput.Flow), Array.IndexOf(inputs, ImageInput.Sound));
            _flow = manifest.FlowFrontEnd is { } motion ? new OpticalFlow(manifest.ImageFrontEnd, motion) : null;
            _image = Trunks.Load(
                package, manifest.Trunks.Image!, device, options, [.. inputs.Select(i => Trunks.Input(i, manifest, _audio.OutputShapes[^1]))]);
            _head = Heads.Make(_image.OutputShapes[0], _audio.OutputShapes[0], manifest.Head);
            _map = new float[_head.Rows * _head.Cols];
            _verdict = new Verdict(manifest, _head.Rows, _head.Cols, Calibration.Of(package));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public LocalizerInfo Info { get; }

    /// <inheritdoc/>
    public AudioFrontEnd FrontEnd { get; }

    /// <summary>How often the audio network has run: fewer times than there were frames.</summary>
    public long AudioRuns { get; private set; }

    /// <inheritdoc/>
    public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
    {
        if (_grid.Advance(audio, out var window, out var isNew) is { } why)
        {
            _flow?.See(frame);
            _verdict.Nothing(frame, why, output);
            return;
        }

        if (isNew)
        {
            window.CopyTo(_audio.Input());
            _audio.Run();
            _head.SetAudio(_audio.Output());
            if (_soundInput >= 0)
            {
                _audio.Output(_audio.OutputShapes.Count - 1).CopyTo(_image.Input(_soundInput));
            }

            AudioRuns++;
        }

        _tensor.Fill(frame, _image.Input());
        _flow?.Fill(frame, _image.Input(_flowInput));
        _image.Run();
        _head.Map(_image.Output(), _map);
        _verdict.Rate(frame, _map, output, _image.OutputShapes.Count > 1 ? _image.Output(1)[0] : _head.Evidence);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _grid.Reset();
        _flow?.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _audio.Dispose();
        _image?.Dispose();
        _flow?.Dispose();
    }
}
