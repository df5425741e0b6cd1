using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Methods;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>A published checkpoint can be trained further: its weights go into the network by their names.</summary>
[Collection("libtorch")]
public sealed class PretrainedWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_checkpoint_fills_the_network_of_its_method()
    {
        using var scope = NewDisposeScope();
        using var method = TrainingMethods.ById("ez-vsl", new MethodOptions { Width = 2 });
        File.WriteAllBytes(_folder["ez.pth"], TorchWriter.Zip(SmallNetwork.Saved()));

        var report = PretrainedWeights.Load(method.Network, [_folder["ez.pth"]]);

        Assert.Equal(SmallNetwork.Method.Required.Select(k => k.Name).Order(), report.Loaded.Order());
        Assert.Empty(report.Unused);
        Assert.All(report.Left, name => Assert.EndsWith("num_batches_tracked", name, StringComparison.Ordinal));
        var index = SmallNetwork.Method.Required.ToList().FindIndex(k => k.Name == "aud_proj.weight");
        Assert.Equal(
            FormulaWeights.Tensor(500 + (uint)index, "aud_proj.weight", 16, 16).Values, method.Network.state_dict()["aud_proj.weight"].detach().flatten().data<float>().ToArray());
    }

    [Fact]
    public void A_trunk_trained_elsewhere_goes_where_it_belongs_and_another_file_is_refused()
    {
        using var scope = NewDisposeScope();
        using var method = TrainingMethods.ById("lvs", new MethodOptions { Width = 2 });
        var trunk = SmallNetwork.Weights().Where(w => w.Key.StartsWith("imgnet.", StringComparison.Ordinal)).ToDictionary(w => w.Key["imgnet.".Length..], w => w.Value);
        File.WriteAllBytes(_folder["trunk.pth"], TorchWriter.Zip(TorchDict.State(trunk)));

        Assert.Equal(trunk.Count, PretrainedWeights.Load(method.Network, [_folder["trunk.pth"]], "imgnet.").Loaded.Count);
        var e = Assert.Throws<ImportException>(() => PretrainedWeights.Load(method.Network, [_folder["trunk.pth"]]));
        Assert.Contains("belongs to the network", e.Message, StringComparison.Ordinal);
    }
}
