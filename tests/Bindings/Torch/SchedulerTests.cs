using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace RealtimeSsl.Tests.Bindings.Torch;

/// <summary>The rates are those of Python's torch 1.13.1.</summary>
[Collection("libtorch")]
public sealed class SchedulerTests
{
    [Theory]
    [InlineData("Lambda", 0.1, 0.09, 0.081, 0.0729, 0.06561, 0.059049, 0.0531441, 0.04782969)]
    [InlineData("Step", 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025)]
    [InlineData("MultiStep", 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001, 0.001)]
    [InlineData("Cosine", 0.1, 0.093971143, 0.0775, 0.055, 0.0325, 0.016028857, 0.01, 0.016028857)]
    [InlineData("Linear", 0.01, 0.0325, 0.055, 0.0775, 0.1, 0.1, 0.1, 0.1)]
    [InlineData("Sequential", 0.01, 0.04, 0.07, 0.1, 0.09045085, 0.06545085, 0.03454915, 0.0095491503)]
    public void A_scheduler_sets_the_same_rates(string name, params double[] expected)
    {
        using var weight = new Parameter(zeros(1));
        using var optimizer = SGD([weight], 0.1);
        var scheduler = name switch
        {
            "Lambda" => lr_scheduler.LambdaLR(optimizer, static e => Math.Pow(0.9, e)),
            "Step" => lr_scheduler.StepLR(optimizer, 3, 0.5),
            "MultiStep" => lr_scheduler.MultiStepLR(optimizer, [2, 5], 0.1),
            "Cosine" => lr_scheduler.CosineAnnealingLR(optimizer, 6, 0.01),
            "Linear" => lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 4),
            _ => lr_scheduler.SequentialLR(optimizer, [lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 3), lr_scheduler.CosineAnnealingLR(optimizer, 5)], [3]),
        };

        foreach (var rate in expected)
        {
            Assert.Equal(rate, optimizer.ParamGroups.Single().LearningRate, 1e-7);
            optimizer.step();
            scheduler.step();
        }
    }
}
