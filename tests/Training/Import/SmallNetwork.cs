using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>EZ-VSL's network with 2 channels where the published one has 64: all its tensors in some hundred kilobytes.</summary>
internal static class SmallNetwork
{
    public static ImportMethod Method { get; } = CosineFamily.EzVsl("ez-vsl", "EZ-VSL in small", width: 2);

    /// <summary>Its weights by formula.</summary>
    public static Dictionary<string, TorchTensor> Weights() => Method.Required.Select((key, i) => (key, (uint)i)).ToDictionary(
        k => k.key.Name,
        k => TorchTensor.Of([.. k.key.Shape], FormulaWeights.Tensor(500 + k.Item2, k.key.Name, [.. k.key.Shape]).Values));

    /// <summary>As its authors' script saves it.</summary>
    public static TorchDict Saved(Action<Dictionary<string, TorchTensor>>? change = null)
    {
        var weights = Weights();
        change?.Invoke(weights);
        return new TorchDict { { "model", TorchDict.State(weights) }, { "epoch", 3 } };
    }

    /// <summary>Imports a file.</summary>
    public static RealtimeSsl.Inference.Models.ModelPackage Import(string file, string folder, Func<ImportRequest, ImportRequest>? change = null)
    {
        var request = new ImportRequest(file, Method, folder);
        return Importer.Run(change?.Invoke(request) ?? request, new LogLines(), TestContext.Current.CancellationToken);
    }
}
