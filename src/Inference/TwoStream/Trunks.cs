using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>From a package's manifest to its networks.</summary>
internal static class Trunks
{
    /// <summary>Loads one network; its bytes are those whose hash was checked.</summary>
    public static OnnxTrunk Load(ModelPackage package, string name, DeviceChoice device, int threads, params TrunkInput[] inputs) =>
        new(Path.Combine(package.Folder, name), package.Read(name), device, threads, inputs);

    /// <summary>The picture as the front end gives it.</summary>
    public static TrunkInput Image(ModelManifest manifest) =>
        new($"the image (front end '{manifest.ImageFrontEnd.Id}')", [1, 3, manifest.ImageFrontEnd.Height, manifest.ImageFrontEnd.Width]);

    /// <summary>The spectrogram as the front end gives it.</summary>
    public static TrunkInput Audio(ModelManifest manifest) =>
        new($"the audio (front end '{manifest.AudioFrontEnd.Id}')", manifest.AudioShape);
}
