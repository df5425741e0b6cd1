using System.Runtime.InteropServices;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>A package that keeps the checkpoint's tensors gives them back to training, number by number.</summary>
[Collection("libtorch")]
public sealed class KeptWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void They_fill_the_whole_network()
    {
        File.WriteAllBytes(_folder["ez.pth"], TorchWriter.Zip(SmallNetwork.Saved()));
        var package = SmallNetwork.Import(_folder["ez.pth"], _folder["kept"], r => r with { KeepWeights = true, Files = new Dictionary<string, byte[]> { ["note.txt"] = [1] } });
        Assert.Equal([1], package.Read("note.txt"));
        Assert.Contains(WeightFile.Name, package.Manifest.Files.Keys);
        Assert.DoesNotContain(WeightFile.Name, SmallNetwork.Import(_folder["ez.pth"], _folder["bare"]).Manifest.Files.Keys);

        var path = Path.Combine(package.Folder, WeightFile.Name);
        using var kept = Checkpoint.Open(path);
        foreach (var (name, expected) in SmallNetwork.Weights())
        {
            var values = new float[kept.Tensors[name].Count];
            kept.Read(kept.Tensors[name], values);
            Assert.Equal(MemoryMarshal.Cast<byte, float>(expected.Storage.Bytes).ToArray(), values);
        }

        using var method = TrainingMethods.ById("ez-vsl", new MethodOptions { Width = 2 });
        Assert.All(WeightFile.Load(path, method.Network).Missing, name => Assert.EndsWith(".num_batches_tracked", name, StringComparison.Ordinal));
    }
}
