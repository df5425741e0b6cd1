using RealtimeSsl.Inference.Models;

namespace RealtimeSsl.Training.Export;

/// <summary>What is to be exported.</summary>
/// <param name="Source">A package of float32 networks.</param>
/// <param name="Precision">Which numbers its networks shall compute with.</param>
/// <param name="Out">Folder of the new package; must not be there. Its last part is the package's name.</param>
/// <param name="Samples">Real pictures and sounds: every fourth judges the result, the others calibrate it.</param>
/// <param name="SamplesFrom">Where they are from, for the model card.</param>
public sealed record ExportRequest(
    ModelPackage Source, ModelPrecision Precision, string Out, IReadOnlyList<CalibrationSample> Samples, string SamplesFrom)
{
    /// <summary>Whether it is written even if its heatmaps are far from the source's.</summary>
    public bool Force { get; init; }
}
