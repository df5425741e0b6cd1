using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Export;

/// <summary>What a package feeds each of its networks.</summary>
internal static class TrunkInputs
{
    /// <summary>Where exports compute: int8 networks are judged on what they are for.</summary>
    public static DeviceChoice Cpu { get; } = new("cpu", "cpu", null);

    /// <summary>Names of the networks' files.</summary>
    public static IEnumerable<string> Files(ModelManifest manifest) =>
        new[] { manifest.Trunks.Image, manifest.Trunks.Audio, manifest.Trunks.Joint }.OfType<string>().Distinct();

    /// <summary>Shapes of a network's inputs.</summary>
    public static IReadOnlyList<TrunkInput> Of(ModelManifest manifest, string file)
    {
        var image = new TrunkInput("the image", [1, 3, manifest.ImageFrontEnd.Height, manifest.ImageFrontEnd.Width]);
        var audio = new TrunkInput("the audio", manifest.AudioShape);
        return file == manifest.Trunks.Joint ? [image, audio] : file == manifest.Trunks.Image ? [image] : [audio];
    }

    /// <summary>A sample as that network takes it.</summary>
    public static float[][] Of(ModelManifest manifest, string file, CalibrationSample sample) =>
        file == manifest.Trunks.Joint ? [sample.Picture, sample.Sound] : file == manifest.Trunks.Image ? [sample.Picture] : [sample.Sound];
}
