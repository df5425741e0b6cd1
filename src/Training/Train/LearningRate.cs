using System.Globalization;

namespace RealtimeSsl.Training.Train;

/// <summary>The learning rate as a pure function of the step, so that a resumed run needs no scheduler's state.</summary>
/// <param name="settings">The schedule.</param>
/// <param name="stepsPerEpoch">Steps of the optimizer in an epoch.</param>
/// <param name="epochs">Epochs of the run.</param>
public sealed class LearningRate(OptimizerSettings settings, int stepsPerEpoch, int epochs)
{
    private readonly int[] _milestones =
        [.. settings.Milestones.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(m => int.Parse(m, CultureInfo.InvariantCulture))];

    /// <summary>The rate of a step of the optimizer, from 0.</summary>
    public double At(long step)
    {
        if (step < settings.WarmupSteps)
        {
            return settings.Rate * (step + 1) / settings.WarmupSteps;
        }

        return settings.Rate * settings.Schedule switch
        {
            ScheduleKind.Cosine => Cosine(step),
            ScheduleKind.Multistep => Math.Pow(settings.Gamma, _milestones.Count(m => step >= (long)m * stepsPerEpoch)),
            _ => 1,
        };
    }

    /// <summary>SGDR without restarts (Loshchilov and Hutter, ICLR 2017).</summary>
    private double Cosine(long step)
    {
        var last = Math.Max(1, (long)stepsPerEpoch * epochs - settings.WarmupSteps - 1);
        var at = Math.Min(1, (step - settings.WarmupSteps) / (double)last);
        return settings.FinalShare + (1 - settings.FinalShare) * (1 + Math.Cos(Math.PI * at)) / 2;
    }
}
