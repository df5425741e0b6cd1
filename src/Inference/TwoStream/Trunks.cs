using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>From a package's manifest to its networks.</summary>
internal static class Trunks
{
    /// <summary>Loads one network; its bytes are those whose hash was checked, rewritten where that makes it faster.</summary>
    public static OnnxTrunk Load(ModelPackage package, string name, DeviceChoice device, LocalizerOptions options, params TrunkInput[] inputs)
    {
        var (file, model) = (Path.Combine(package.Folder, name), package.Read(name));
        return new(file, options.Winograd && Winograd.Helps(device) ? Winograd.Apply(file, model, inputs) : model, device, options.Threads, inputs);
    }

    /// <summary>One input of an image network.</summary>
    /// <param name="input">Which.</param>
    /// <param name="manifest">The package's.</param>
    /// <param name="sound">Shape of the audio network's last output.</param>
    public static TrunkInput Input(ImageInput input, ModelManifest manifest, long[] sound) => input switch
    {
        ImageInput.Flow => new("the optical flow", [1, manifest.FlowFrontEnd!.Planes, manifest.ImageFrontEnd.Height, manifest.ImageFrontEnd.Width]),
        ImageInput.Sound => new("the audio network's last output", Array.ConvertAll(sound, d => (int)d)),
        _ => Image(manifest),
    };

    /// <summary>The picture as the front end gives it.</summary>
    public static TrunkInput Image(ModelManifest manifest) =>
        new($"the image (front end '{manifest.ImageFrontEnd.Id}')", [1, 3, manifest.ImageFrontEnd.Height, manifest.ImageFrontEnd.Width]);

    /// <summary>The spectrogram as the front end gives it.</summary>
    public static TrunkInput Audio(ModelManifest manifest) =>
        new($"the audio (front end '{manifest.AudioFrontEnd.Id}')", manifest.AudioShape);
}
