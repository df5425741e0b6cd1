namespace RealtimeSsl.Training.Train;

/// <summary>Where a run is. With the weights, the optimizer's state and torch's random numbers it is all that a run needs to go on.</summary>
public sealed record TrainState
{
    /// <summary>Epochs done.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches done of the current epoch.</summary>
    public int Batch { get; init; }

    /// <summary>Steps of the optimizer in all.</summary>
    public long Step { get; init; }

    /// <summary>Pairs seen in all.</summary>
    public long Pairs { get; init; }

    /// <summary>Seconds of training so far, those before an interruption included.</summary>
    public double Seconds { get; init; }

    /// <summary>The best score so far; null before the first.</summary>
    public double? Best { get; init; }

    /// <summary>Epochs that were done when it was.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Validations since then.</summary>
    public int SinceBest { get; init; }
}
