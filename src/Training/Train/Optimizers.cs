using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>Makes the optimizer that the settings name.</summary>
internal static class Optimizers
{
    public static OptimizerHelper Make(IEnumerable<Parameter> parameters, OptimizerSettings s) => s.Kind switch
    {
        OptimizerKind.Adam => optim.Adam(parameters, lr: s.Rate, beta1: s.Beta1, beta2: s.Beta2, weight_decay: s.WeightDecay),
        OptimizerKind.AdamW => optim.AdamW(parameters, lr: s.Rate, beta1: s.Beta1, beta2: s.Beta2, weight_decay: s.WeightDecay),
        _ => optim.SGD(parameters, s.Rate, momentum: s.Momentum, weight_decay: s.WeightDecay),
    };

    /// <summary>Sets the rate of all groups.</summary>
    public static void SetRate(OptimizerHelper optimizer, double rate)
    {
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }
    }
}
