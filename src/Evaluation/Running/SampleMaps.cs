namespace RealtimeSsl.Evaluation.Running;

/// <summary>The raw map of a sample under one sound.</summary>
/// <param name="Scores">Rows x Cols raw scores.</param>
/// <param name="Evidence">What presence is judged by; NaN where there was nothing to judge.</param>
public sealed record HeardMap(float[] Scores, float Evidence);

/// <summary>
/// All that a model gave for a sample, from which every number follows: with its own sound and with what should light nothing. Kept on disk, so that an
/// evaluation that was cut short goes on where it was, and another convention needs no network.
/// </summary>
public sealed record SampleMaps
{
    /// <summary>Index of the sample in its set.</summary>
    public required int Index { get; init; }

    /// <summary>Rows of the maps.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of the maps.</summary>
    public required int Cols { get; init; }

    /// <summary>With its own sound.</summary>
    public required HeardMap Own { get; init; }

    /// <summary>With another clip's sound; null where there is none to take.</summary>
    public HeardMap? Other { get; init; }

    /// <summary>With silence.</summary>
    public HeardMap? Silence { get; init; }

    /// <summary>With white noise.</summary>
    public HeardMap? Noise { get; init; }

    /// <summary>Where the picture alone is salient, SalientRows x SalientCols.</summary>
    public float[] Salient { get; init; } = [];

    /// <summary>Rows of <see cref="Salient"/>.</summary>
    public int SalientRows { get; init; }

    /// <summary>Columns of <see cref="Salient"/>.</summary>
    public int SalientCols { get; init; }

    /// <summary>The picture as one vector; empty where the method has none.</summary>
    public float[] PictureVector { get; init; } = [];

    /// <summary>The sound as one vector; empty where the method has none.</summary>
    public float[] SoundVector { get; init; } = [];

    /// <summary>The picture in the space of the package's projections, of length 1; empty where it has none.</summary>
    public float[] PictureProjected { get; init; } = [];

    /// <summary>The sound in the space of the package's projections, of length 1; empty where it has none.</summary>
    public float[] SoundProjected { get; init; } = [];

    /// <summary>Maps of a method that has one per class, Rows x Cols each, by class; empty where it has none.</summary>
    public IReadOnlyDictionary<string, float[]> ByClass { get; init; } = new Dictionary<string, float[]>();
}
