namespace RealtimeSsl.Inference.TwoStream;

/// <summary>Joins an image map and an audio embedding into one score per cell of the image map. One file per head.</summary>
public interface IHead
{
    /// <summary>Rows of the map.</summary>
    int Rows { get; }

    /// <summary>Columns of the map.</summary>
    int Cols { get; }

    /// <summary>
    /// The best cell of the last map before the map was normalised over its cells, 0..1; null where the scores are not normalised, and the best of
    /// them says it.
    /// </summary>
    float? Evidence { get; }

    /// <summary>Takes a new audio embedding, which stays until the next one.</summary>
    void SetAudio(ReadOnlySpan<float> embedding);

    /// <summary>The map of one image against the last audio embedding.</summary>
    /// <param name="image">C x rows x cols, channel by channel.</param>
    /// <param name="scores">Rows x cols.</param>
    void Map(ReadOnlySpan<float> image, Span<float> scores);
}
