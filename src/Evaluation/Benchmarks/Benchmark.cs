using RealtimeSsl.Evaluation.Metrics;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>Where the sound of a sample comes from, as its annotation has it.</summary>
/// <param name="Boxes">Boxes; none where nothing sounds.</param>
/// <param name="Unit">What their numbers mean.</param>
public sealed record Truth(IReadOnlyList<TruthBox> Boxes, BoxUnit Unit)
{
    /// <summary>Each box is one annotator's.</summary>
    public bool Consensus { get; init; }

    /// <summary>A mask's picture instead of boxes: what is not black sounds. Null: boxes.</summary>
    public string? Mask { get; init; }

    /// <summary>Nothing in the picture sounds.</summary>
    public static Truth Nothing { get; } = new([], BoxUnit.Fraction);
}

/// <summary>A picture and a sound that belong together, or (Extended sets) do not.</summary>
public sealed record BenchmarkSample
{
    /// <summary>As the annotation names it.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the picture, or of the video that has it, as <see cref="MediaIndex"/> looks for it.</summary>
    public required string Picture { get; init; }

    /// <summary>Name of the sound, or of the video that has it.</summary>
    public required string Sound { get; init; }

    /// <summary>Where it sounds.</summary>
    public required Truth Truth { get; init; }

    /// <summary>Samples with the same scene show the same picture: what IIoU groups by.</summary>
    public required string Scene { get; init; }

    /// <summary>Second of the video that the annotation shows; null: its middle.</summary>
    public double? At { get; init; }

    /// <summary>What sounds, if the annotation tells.</summary>
    public string? Class { get; init; }

    /// <summary>Whether the sound comes from the picture at all.</summary>
    public bool Sounds { get; init; } = true;
}

/// <summary>An annotated set as it was read.</summary>
/// <param name="Id">Which one: <c>vgg-ss</c>, <c>is3</c>, ...</param>
/// <param name="Source">The annotation file.</param>
/// <param name="Samples">In the annotation's order.</param>
/// <param name="Problems">What was wrong in it; whoever loads media adds to it.</param>
public sealed record Benchmark(string Id, string Source, IReadOnlyList<BenchmarkSample> Samples, Problems Problems)
{
    /// <summary>Length that the set's sounds are meant to have, in seconds (5 for AVSBench).</summary>
    public double ClipSeconds { get; init; } = 10;

    /// <summary>The part of the maximum at which MUSIC's maps are cut, beside cIoU; null on other sets.</summary>
    public double? PartOfMaximum { get; init; }

    /// <summary>
    /// The samples without those whose name came before; boxes that cannot be read as such are named: not a number (left out), inverted (give
    /// nothing, as in the peers' code), beyond the picture (clipped).
    /// </summary>
    internal static Benchmark Of(string id, string source, IEnumerable<BenchmarkSample> samples, Problems problems)
    {
        var (seen, kept) = (new HashSet<string>(StringComparer.Ordinal), new List<BenchmarkSample>());
        foreach (var sample in samples)
        {
            if (!seen.Add(sample.Name))
            {
                problems.Add("duplicate_name_left_out", sample.Name);
                continue;
            }

            kept.Add(sample with { Truth = sample.Truth with { Boxes = [.. sample.Truth.Boxes.Where(b => Check(sample, b, problems))] } });
        }

        return kept.Count > 0
            ? new Benchmark(id, source, kept, problems)
            : throw new EvaluationException($"{source}: no sample in it{(problems.Names.Count > 0 ? $" ({string.Join("; ", problems.Lines())})" : "")}");
    }

    private static bool Check(BenchmarkSample sample, TruthBox box, Problems problems)
    {
        if (!box.IsNumber)
        {
            problems.Add("box_not_a_number_left_out", sample.Name);
            return false;
        }

        var largest = sample.Truth.Unit switch { BoxUnit.Fraction => 1, BoxUnit.Pixel256 => 256, _ => 224 };
        if (box.IsInverted)
        {
            problems.Add("box_inverted", sample.Name);
        }
        else if (box.X0 < 0 || box.Y0 < 0 || box.X1 > largest || box.Y1 > largest)
        {
            problems.Add("box_beyond_the_picture_clipped", sample.Name);
        }

        return true;
    }
}
