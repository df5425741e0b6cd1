using RealtimeSsl.Cli;
using RealtimeSsl.Cli.Learning;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Tests.Training.Train;

/// <summary>Every method has a preset with the numbers of its paper, and one that a CPU can train.</summary>
[Collection("libtorch")]
public sealed class PresetTests : IDisposable
{
    private readonly TrainFixture _runs = new();

    public static TheoryData<string> Methods => [.. TrainingMethods.Names];

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void Each_method_has_one_and_every_file_is_valid()
    {
        Assert.Equal(TrainingMethods.Names.Order(StringComparer.Ordinal), Presets.Names);
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "configs", "train"), "*.yaml"),
            file => Assert.Empty(SettingsFile.Apply(file, File.ReadAllText(file), new TrainSettings())));
        Assert.All(Presets.Names, name => Assert.Equal(name, Presets.Read(name).Method));
    }

    [Fact]
    public void The_one_for_a_CPU_is_the_papers_with_the_CPUs_laid_over_it()
    {
        var (paper, small) = (Presets.Read("fnac"), Presets.Read("fnac-cpu"));
        Assert.Equal((128, 1e-4, "ezvsl", 0), (paper.Batch, paper.Optimizer.Rate, paper.Input.Audio, paper.Input.Size));
        Assert.Equal((32, 3e-4, "avs-logmel64", 112), (small.Batch, small.Optimizer.Rate, small.Input.Audio, small.Input.Size));
        Assert.Equal((paper.Method, paper.Options, paper.Input.Image), (small.Method, small.Options, small.Input.Image));

        // What they were when each was a file of its own: measurements were made with them.
        Assert.Equal(
            [("ez-vsl", "ezvsl"), ("lvs", "sslalign"), ("sslalign", "sslalign")],
            new[] { "ez-vsl-cpu", "lvs-cpu", "sslalign-cpu" }.Select(Presets.Read).Select(p => (p.Method, p.Input.Image)));
        Assert.All(new[] { "ez-vsl-cpu", "lvs-cpu", "sslalign-cpu" }.Select(Presets.Read), p => Assert.Equal(
            (30, 32, 112, "avs-logmel64", OptimizerKind.AdamW, 3e-4, 0.01, ScheduleKind.Cosine, 50, 5, 0.99, 0.15, "pointing"),
            (p.Epochs, p.Batch, p.Input.Size, p.Input.Audio, p.Optimizer.Kind, p.Optimizer.Rate, p.Optimizer.WeightDecay, p.Optimizer.Schedule,
                p.Optimizer.WarmupSteps, p.Optimizer.Clip, p.Optimizer.Ema, p.Validation.Share, p.Validation.Best)));
    }

    [Fact]
    public void A_name_that_is_none_is_refused_with_those_that_there_are() => Assert.All(
        ["cpu", "magic", "magic-cpu", "nowhere.yaml"],
        name => Assert.Contains("there are attention, avol", Assert.Throws<UsageException>(() => Presets.Read(name)).Message, StringComparison.Ordinal));

    [Fact]
    public void Weights_of_a_run_are_found_with_their_settings_and_those_of_others_without()
    {
        var run = _runs.Folder("run");
        run.WriteWhole(TrainFolder.Settings, System.Text.Encoding.UTF8.GetBytes(SettingsFile.Write(TrainFixture.Small with { Method = "fnac" })));
        new TrainRequest { Data = ["synthetic"] }.Save(run);
        run.WriteWhole("best.safetensors", []);
        _runs.Folder("other").WriteWhole("best.safetensors", []);
        var past = BaseModel.Find(run.Best).Past!;
        Assert.Equal(("fnac", 32, "synthetic"), (past.Read().Method, past.Read().Input.Size, Assert.Single(past.Data)));
        Assert.Null(BaseModel.Find(_runs.Folder("other").Best).Past);

        // On-site: the run's own settings, a tenth of its rate. What others trained is fed as they do, and goes on by the preset.
        Assert.Equal((10, 32, 1e-4), (Presets.For(null, null, past) is var own ? own.Epochs : 0, own.Input.Size, Math.Round(own.Optimizer.Rate, 9)));
        var published = Presets.For(null, "fnac", PastTraining.Published("fnac", "fnac.pth"));
        Assert.Equal(("fnac", 0, "ezvsl", 10), (published.Method, published.Input.Size, published.Input.Audio, published.Epochs));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Each_method_learns_by_its_small_preset(string method)
    {
        var small = Presets.Read(method == CompactMethod.Name ? method : method + "-cpu");
        var folder = _runs.Folder(method);
        var (network, outcome) = _runs.Run(folder, small with
        {
            Epochs = 1,
            Batch = 4,
            Options = small.Options with { Width = 4 },
            Input = small.Input with { Size = small.Input.Size > 112 ? small.Input.Size : 64 },
            Compute = new ComputeSettings { Threads = 1 },
        }, pairs: 8);
        using (network)
        {
            Assert.Equal((true, 2L), (outcome.Finished, outcome.State.Step));
            Assert.All(TrainFixture.Values(network.Network), v => Assert.All(v.Value, x => Assert.True(float.IsFinite(x), v.Key)));
        }
    }
}
