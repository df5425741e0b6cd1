using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// A package of the method <see cref="ObjectGuidedLocalizer.GuideMethod"/> on its own: where an ImageNet classifier sees objects, whatever is heard. The
/// guide of others, and the measure that a method that listens has to beat. For one thread.
/// </summary>
public sealed class ObjectModel : IDisposable
{
    private readonly ImageTensor _tensor;
    private readonly OnnxTrunk _network;

    /// <summary>Loads the network.</summary>
    /// <exception cref="InferenceException">The package is no object map, or its network is not what the manifest says.</exception>
    public ObjectModel(ModelPackage package, LocalizerOptions options)
    {
        var manifest = package.Manifest;
        if (manifest.Method != ObjectGuidedLocalizer.GuideMethod || manifest.Trunks.Joint is not { } file)
        {
            throw new InferenceException(
                $"{package.Folder}: no map of objects but of the method '{manifest.Method}'; import one with --method {ObjectGuidedLocalizer.GuideMethod}");
        }

        _tensor = new ImageTensor(manifest.ImageFrontEnd);
        var device = ExecutionProvider.Choose(options.Device, options.Log);
        _network = Trunks.Load(package, file, device, options, Trunks.Image(manifest), Trunks.Audio(manifest));
        (Rows, Cols) = JointLocalizer.Grid(_network, file);
        Name = manifest.Name;
    }

    /// <summary>The package's name.</summary>
    public string Name { get; }

    /// <summary>Rows of the map.</summary>
    public int Rows { get; }

    /// <summary>Columns of the map.</summary>
    public int Cols { get; }

    /// <summary>The map of a picture, Rows x Cols, raw; valid until the next call.</summary>
    /// <param name="bgr">height x width x 3 bytes.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    public ReadOnlySpan<float> See(ReadOnlySpan<byte> bgr, int width, int height)
    {
        _tensor.Fill(bgr, width, height, _network.Input());
        _network.Run();
        return _network.Output();
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
