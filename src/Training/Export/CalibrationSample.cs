namespace RealtimeSsl.Training.Export;

/// <summary>A picture and a sound as a package's front ends give them.</summary>
/// <param name="Picture">[3, height, width], row-major.</param>
/// <param name="Sound">[1, rows, columns], row-major.</param>
public sealed record CalibrationSample(float[] Picture, float[] Sound);
