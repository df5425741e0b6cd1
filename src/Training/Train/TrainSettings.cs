using System.ComponentModel.DataAnnotations;
using RealtimeSsl.Training.Methods;

namespace RealtimeSsl.Training.Train;

/// <summary>Who follows the gradient.</summary>
public enum OptimizerKind
{
    /// <summary>Adam; weight decay is added to the gradient.</summary>
    Adam,

    /// <summary>Adam; weight decay shrinks the weights.</summary>
    AdamW,

    /// <summary>Gradient descent with momentum.</summary>
    Sgd,
}

/// <summary>How the learning rate changes.</summary>
public enum ScheduleKind
{
    /// <summary>Not at all after the warm-up.</summary>
    Constant,

    /// <summary>Half a cosine down to <see cref="OptimizerSettings.FinalShare"/> of it at the last step.</summary>
    Cosine,

    /// <summary>Times <see cref="OptimizerSettings.Gamma"/> at each of <see cref="OptimizerSettings.Milestones"/>.</summary>
    Multistep,
}

/// <summary>Which weights stay as they are; for a few minutes of data it is enough to teach the projections.</summary>
public enum FreezeKind
{
    /// <summary>All learn.</summary>
    None,

    /// <summary>Both trunks stay; only what lies after them learns.</summary>
    Trunks,

    /// <summary>The sound's trunk stays.</summary>
    Audio,

    /// <summary>The picture's trunk stays.</summary>
    Image,
}

/// <summary>
/// Everything that decides what a training run computes, one section per matter; a preset under <c>configs/train/</c> is a commented file of it.
/// </summary>
public sealed record TrainSettings
{
    /// <summary>The method.</summary>
    public string Method { get; init; } = "ez-vsl";

    /// <summary>Passes over the data.</summary>
    [Range(1, 100_000)]
    public int Epochs { get; init; } = 20;

    /// <summary>Pairs of a step: each is the others' negative.</summary>
    [Range(2, 4096)]
    public int Batch { get; init; } = 32;

    /// <summary>Batches whose gradients are added before the weights move. More negatives it does not give.</summary>
    [Range(1, 1024)]
    public int Accumulate { get; init; } = 1;

    /// <summary>Everything random follows from it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What may be chosen of the method.</summary>
    public MethodOptions Options { get; init; } = new();

    /// <summary>What the networks are fed.</summary>
    public InputSettings Input { get; init; } = new();

    /// <summary>The optimizer.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>How it is computed.</summary>
    public ComputeSettings Compute { get; init; } = new();

    /// <summary>What it is judged by.</summary>
    public ValidationSettings Validation { get; init; } = new();

    /// <summary>Training from an existing model.</summary>
    public TuningSettings Tuning { get; init; } = new();
}

/// <summary>What the networks are fed.</summary>
public sealed record InputSettings
{
    /// <summary>Pictures: the name of an image front end; empty for the method's own.</summary>
    public string Image { get; init; } = "";

    /// <summary>Sound: the name of an audio front end; empty for the method's own.</summary>
    public string Audio { get; init; } = "";

    /// <summary>Side of the pictures in pixels; 0 for the front end's own. 112 is four times as fast as 224.</summary>
    [Range(0, 1024)]
    public int Size { get; init; }

    /// <summary>Columns of the spectrogram; 0 for the front end's own. Fewer columns, a shorter window.</summary>
    [Range(0, 4096)]
    public int Columns { get; init; }

    /// <summary>Own recordings and videos: seconds from one frame to the next that is taken.</summary>
    [Range(0.04, 3600.0)]
    public double Stride { get; init; } = 1;

    /// <summary>Own recordings: frames whose presence is lower are left out.</summary>
    [Range(0.0, 1.0)]
    public double MinPresence { get; init; } = 0.5;

    /// <summary>With <c>--neighbours</c>: similar pictures and sounds that one is drawn from, for each.</summary>
    [Range(1, 10_000)]
    public int Neighbours { get; init; } = 10;

    /// <summary>Synthetic scenes: pairs of an epoch.</summary>
    [Range(2, 10_000_000)]
    public int SyntheticPairs { get; init; } = 2048;
}

/// <summary>The optimizer.</summary>
public sealed record OptimizerSettings
{
    /// <summary>Which.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.Adam;

    /// <summary>Learning rate.</summary>
    [Range(0.0, 10.0)]
    public double Rate { get; init; } = 1e-4;

    /// <summary>Weight decay.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; }

    /// <summary>Momentum (sgd).</summary>
    [Range(0.0, 1.0)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decay of the mean gradient (adam, adam_w).</summary>
    [Range(0.0, 1.0)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean square (adam, adam_w).</summary>
    [Range(0.0, 1.0)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>How the rate changes.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>The rate rises linearly over this many steps.</summary>
    [Range(0, 10_000_000)]
    public int WarmupSteps { get; init; }

    /// <summary>Cosine: what is left of the rate at the end.</summary>
    [Range(0.0, 1.0)]
    public double FinalShare { get; init; } = 0.01;

    /// <summary>Multistep: epochs, separated by commas.</summary>
    [RegularExpression(@"\s*(\d+\s*(,\s*\d+\s*)*)?", ErrorMessage = "expected epochs separated by commas, e.g. 300,700,900")]
    public string Milestones { get; init; } = "";

    /// <summary>Multistep: the factor.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 0.1;

    /// <summary>Gradients are scaled down to this norm; 0 leaves them.</summary>
    [Range(0.0, 1e9)]
    public double Clip { get; init; }

    /// <summary>Decay of the moving average of the weights that is judged and exported; 0 for none.</summary>
    [Range(0.0, 1.0)]
    public double Ema { get; init; }
}

/// <summary>How it is computed.</summary>
public sealed record ComputeSettings
{
    /// <summary><c>cpu</c>, <c>cuda</c>, or <c>auto</c>.</summary>
    [AllowedValues("auto", "cpu", "cuda")]
    public string Device { get; init; } = "auto";

    /// <summary>Threads of the network's arithmetic; 0 for all cores. With 1, a run can be repeated bit by bit.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Batches that are made beside it at a time.</summary>
    [Range(1, 64)]
    public int Loaders { get; init; } = 2;

    /// <summary>Convolutions and linear layers compute in bfloat16; the weights that the optimizer moves stay 32 bits.</summary>
    public bool Bf16 { get; init; }

    /// <summary>Channels lie innermost in memory: faster convolutions.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Minutes from one checkpoint to the next; there is one after each epoch, too.</summary>
    [Range(0.0, 1440.0)]
    public double CheckpointMinutes { get; init; } = 5;
}

/// <summary>What it is judged by.</summary>
public sealed record ValidationSettings
{
    /// <summary>Share of the groups that is held out.</summary>
    [Range(0.0, 0.9)]
    public double Share { get; init; } = 0.1;

    /// <summary>Epochs from one validation to the next.</summary>
    [Range(1, 10_000)]
    public int Every { get; init; } = 1;

    /// <summary>Most held-out pairs that retrieval looks at.</summary>
    [Range(2, 100_000)]
    public int Pairs { get; init; } = 256;

    /// <summary>Scenes with known boxes: mosaics of held-out pairs, or synthetic ones; 0 for none.</summary>
    [Range(0, 100_000)]
    public int Scenes { get; init; } = 60;

    /// <summary>The score that decides which checkpoint is best; empty for the first there is.</summary>
    public string Best { get; init; } = "";

    /// <summary>Ends after this many validations without a better one; 0 never.</summary>
    [Range(0, 10_000)]
    public int Patience { get; init; }
}

/// <summary>Training from an existing model.</summary>
public sealed record TuningSettings
{
    /// <summary>What stays as it is.</summary>
    public FreezeKind Freeze { get; init; }

    /// <summary>Steps that the base was trained for: losses that change with the step go on from there.</summary>
    [Range(0, int.MaxValue)]
    public int StepsBefore { get; init; }

    /// <summary>Share of each epoch that is the base's own data, where they are still there, so that it does not forget; 0 for none.</summary>
    [Range(0.0, 0.9)]
    public double Rehearsal { get; init; } = 0.75;

    /// <summary>Points (of 100) by which the base's own validation may fall before it is called out.</summary>
    [Range(0.0, 100.0)]
    public double MaxDrop { get; init; } = 2;

    /// <summary>A fall beyond that is no warning but refuses the export.</summary>
    public bool RefuseDrop { get; init; }
}
