using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// What training aligned both sides' global vectors with, beside the heatmap (SSLalign's <c>img_proj</c>, <c>aud_proj</c>): retrieval is measured there, too. A
/// running engine has no use for it and never loads it. For one thread.
/// </summary>
public sealed class ProjectionHeads : IDisposable
{
    private readonly OnnxTrunk _network;

    private ProjectionHeads(OnnxTrunk network) => _network = network;

    /// <summary>Loads those of a package, for the CPU; null if it has none.</summary>
    /// <param name="package">The package; <c>projections</c> in its manifest names the network.</param>
    /// <param name="channels">C, the length of both vectors that it reads.</param>
    /// <exception cref="InferenceException">The network is not what the manifest says.</exception>
    public static ProjectionHeads? Of(ModelPackage package, int channels)
    {
        if (package.Manifest.Projections is not { } name)
        {
            return null;
        }

        var (file, cpu) = (Path.Combine(package.Folder, name), new DeviceChoice("cpu", "cpu", null));
        var network = new OnnxTrunk(
            file, package.Read(name), cpu, 1, new TrunkInput("the maximum over the picture's cells", [1, channels]), new TrunkInput("the sound's vector", [1, channels]));
        if (network.OutputShapes is [[1, var picture], [1, var sound]] && picture == sound)
        {
            return new ProjectionHeads(network);
        }

        var shapes = string.Join(" and ", network.OutputShapes.Select(s => $"[{string.Join(",", s)}]"));
        network.Dispose();
        throw new InferenceException($"{file}: it gives {shapes}; projections give [1,D] of the picture and [1,D] of the sound");
    }

    /// <summary>Projects both.</summary>
    /// <param name="picture">Of each of the C channels of the picture's map, not normalised, the maximum over the cells.</param>
    /// <param name="sound">The sound's vector [C], not normalised.</param>
    /// <returns>D numbers each, of length 1.</returns>
    public (float[] Picture, float[] Sound) Project(ReadOnlySpan<float> picture, ReadOnlySpan<float> sound)
    {
        picture.CopyTo(_network.Input(0));
        sound.CopyTo(_network.Input(1));
        _network.Run();
        return (_network.Output(0).ToArray(), _network.Output(1).ToArray());
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
