namespace RealtimeSsl.Inference.TwoStream;

/// <summary>No head: the image network reads the sound's embedding and gives the scores itself (FlowGrad).</summary>
public sealed class ScoresHead : IHead
{
    /// <summary>Makes the head for the shape that the image network gives.</summary>
    /// <param name="scores">[1, 1, rows, cols].</param>
    /// <exception cref="InferenceException">It is no map of scores.</exception>
    public ScoresHead(IReadOnlyList<long> scores)
    {
        if (scores is not [1, 1, _, _])
        {
            throw new InferenceException($"the image network gives [{string.Join(",", scores)}]; head 'scores' takes a map [1,1,rows,cols]");
        }

        (Rows, Cols) = ((int)scores[2], (int)scores[3]);
    }

    /// <inheritdoc/>
    public int Rows { get; }

    /// <inheritdoc/>
    public int Cols { get; }

    /// <inheritdoc/>
    public float? Evidence => null;

    /// <inheritdoc/>
    public void SetAudio(ReadOnlySpan<float> embedding)
    {
        // The image network has it as an input.
    }

    /// <inheritdoc/>
    public void Map(ReadOnlySpan<float> image, Span<float> scores) => image.CopyTo(scores);
}
