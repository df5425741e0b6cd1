using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// A method that is one network: picture and spectrogram in, scores out. For whatever does not part into two embeddings and a cosine. Costs
/// both halves on every frame.
/// </summary>
public sealed class JointLocalizer : ILocalizer
{
    private readonly ImageTensor _tensor;
    private readonly OnnxTrunk _joint;
    private readonly AudioGrid _grid;
    private readonly Verdict _verdict;

    /// <summary>Loads the network.</summary>
    /// <param name="package">A package with trunks.joint.</param>
    /// <param name="options">Device, threads, pace.</param>
    /// <exception cref="InferenceException">The file is damaged, or the network is not what the manifest says.</exception>
    public JointLocalizer(ModelPackage package, LocalizerOptions options)
    {
        var manifest = package.Manifest;
        var device = ExecutionProvider.Choose(options.Device, options.Log);
        Info = new LocalizerInfo(manifest.Name, package.Sha256, device);
        FrontEnd = manifest.AudioFrontEnd;
        _tensor = new ImageTensor(manifest.ImageFrontEnd);
        _grid = new AudioGrid(FrontEnd, options.AudioEvery);
        _joint = Trunks.Load(package, manifest.Trunks.Joint!, device, options, Trunks.Image(manifest), Trunks.Audio(manifest));
        var (rows, cols) = Grid(_joint, manifest.Trunks.Joint!);
        _verdict = new Verdict(manifest, rows, cols, Calibration.Of(package));
    }

    /// <inheritdoc/>
    public LocalizerInfo Info { get; }

    /// <inheritdoc/>
    public AudioFrontEnd FrontEnd { get; }

    /// <inheritdoc/>
    public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
    {
        if (_grid.Advance(audio, out var window, out var isNew) is { } why)
        {
            _verdict.Nothing(frame, why, output);
            return;
        }

        if (isNew)
        {
            window.CopyTo(_joint.Input(1));
        }

        _tensor.Fill(frame, _joint.Input(0));
        _joint.Run();
        _verdict.Rate(frame, _joint.Output(), output);
    }

    /// <inheritdoc/>
    public void Reset() => _grid.Reset();

    /// <inheritdoc/>
    public void Dispose() => _joint.Dispose();

    /// <summary>Size of the map that a joint network gives; disposes of one that gives something else.</summary>
    /// <exception cref="InferenceException">It gives no map.</exception>
    internal static (int Rows, int Cols) Grid(OnnxTrunk joint, string file)
    {
        var shape = joint.OutputShapes[0];
        if (shape.Length >= 2 && shape.SkipLast(2).All(d => d == 1))
        {
            return ((int)shape[^2], (int)shape[^1]);
        }

        joint.Dispose();
        throw new InferenceException($"{file}: it gives [{string.Join(",", shape)}], expected scores [1,1,rows,cols] or [1,rows,cols]");
    }
}
