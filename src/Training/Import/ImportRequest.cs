using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Training.Import;

/// <summary>What is to be imported.</summary>
/// <param name="Source">The checkpoint.</param>
/// <param name="Method">What it is a checkpoint of.</param>
/// <param name="Out">Folder of the package; must not be there. Its last part is the package's name.</param>
public sealed record ImportRequest(string Source, ImportMethod Method, string Out)
{
    /// <summary>Further files, where a method's weights are published in parts.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>SPDX identifier of the weights' licence.</summary>
    public string Licence { get; init; } = "unknown";

    /// <summary>Whether tensors that the method does not know are ignored.</summary>
    public bool AllowExtra { get; init; }

    /// <summary>Whether the checkpoint's tensors are kept beside the networks, so that training can go on from the package (<see cref="Train.WeightFile"/>).</summary>
    public bool KeepWeights { get; init; }

    /// <summary>Further files of the package, by name.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>Whether missing tensors of batch normalisations are set as before training.</summary>
    public bool AllowMissing { get; init; }
}
