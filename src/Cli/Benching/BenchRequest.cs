using System.Text.Json;
using RealtimeSsl.Inference;

namespace RealtimeSsl.Cli.Benching;

/// <summary>What is to be measured, and how long.</summary>
/// <param name="Models">Names of localizers, as <c>run --model</c> takes them.</param>
/// <param name="Options">Device and threads of their networks.</param>
internal sealed record BenchRequest(IReadOnlyList<string> Models, LocalizerOptions Options)
{
    /// <summary>Runs of each stage; 0: as many as fit into <see cref="Seconds"/>.</summary>
    public int Runs { get; init; }

    /// <summary>Time for each stage.</summary>
    public double Seconds { get; init; } = 1;

    /// <summary>Size of the pictures.</summary>
    public (int Width, int Height) Size { get; init; } = (1280, 720);

    /// <summary>Pictures of the set that is evaluated, each with two sounds.</summary>
    public int Pictures { get; init; } = 60;

    /// <summary>What to compare with; null for nothing.</summary>
    public string? Against { get; init; }

    /// <summary>The PyTorch checkpoint that the models were imported from; null makes one.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Where to keep the checkpoint and the package that were made; null throws them away.</summary>
    public string? Keep { get; init; }

    /// <summary>The interpreter.</summary>
    public string Python { get; init; } = "python3";
}

/// <summary>Percentiles of a stage, in ms.</summary>
/// <param name="Runs">How often it ran, warm-up not counted.</param>
/// <param name="P50">Median.</param>
/// <param name="P95">Exceeded by one run of twenty.</param>
/// <param name="Best">The shortest: what others on the machine did not disturb.</param>
internal sealed record Timing(int Runs, double P50, double P95, double? Best)
{
    /// <summary>Sorts the times and reads them.</summary>
    public static Timing Of(double[] ms)
    {
        Array.Sort(ms);
        return new Timing(ms.Length, Math.Round(Quantile(ms, 0.5), 4), Math.Round(Quantile(ms, 0.95), 4), Math.Round(ms[0], 4));
    }

    /// <summary>The median of times in any order.</summary>
    public static double Median(double[] ms)
    {
        var sorted = ms.Order().ToArray();
        return Quantile(sorted, 0.5);
    }

    // Between neighbours in proportion: the median of an even number lies half-way.
    private static double Quantile(double[] sorted, double q)
    {
        var at = q * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}

/// <summary>A measured stage.</summary>
/// <param name="Stage">What ran.</param>
/// <param name="Ms">How long it took.</param>
internal sealed record StageResult(string Stage, Timing Ms);

/// <summary>The report on a localizer.</summary>
internal sealed record ModelResult(string Name, string Method, string Device, string? ImagePrecision, string? AudioPrecision)
{
    /// <summary>In the order of the data's way.</summary>
    public required IReadOnlyList<StageResult> Stages { get; init; }

    /// <summary>What using a sound's embedding again saves; null where there is none.</summary>
    public ReuseResult? Reuse { get; init; }
}

/// <summary>What using a sound's embedding for several pictures saves, in ms.</summary>
/// <param name="PairMs">A new picture and a new sound.</param>
/// <param name="ReusedMs">A new picture, and the sound that was there.</param>
/// <param name="SavedMs">The difference.</param>
/// <param name="MeanMs">Per frame at 30 fps with the engine's pace of sounds.</param>
internal sealed record ReuseResult(double PairMs, double ReusedMs, double SavedMs, double MeanMs);

/// <summary>Everything that was measured: what <c>--json</c> writes (docs/schemas/bench.json).</summary>
internal sealed record BenchResult
{
    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Name and version of the format.</summary>
    public string Schema { get; } = "realtimessl/bench/1";

    /// <summary>Which bench.</summary>
    public required string Bench { get; init; }

    /// <summary>Begin, UTC.</summary>
    public required DateTime Began { get; init; }

    /// <summary>Where it ran.</summary>
    public required Machine Machine { get; init; }

    /// <summary>Threads within an operator of a network.</summary>
    public required int Threads { get; init; }

    /// <summary>Share of the machine that others took meanwhile, 0..1; null where the system does not say.</summary>
    public double? Others { get; init; }

    /// <summary>Size of the pictures in pixels.</summary>
    public required int[] Picture { get; init; }

    /// <summary>Stages that no model has a part in.</summary>
    public IReadOnlyList<StageResult> Pipeline { get; init; } = [];

    /// <summary>The localizers.</summary>
    public IReadOnlyList<ModelResult> Models { get; init; } = [];

    /// <summary>The comparison; null if none was asked for.</summary>
    public Against.ComparisonResult? Against { get; init; }

    /// <summary>The report as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Form);
}
