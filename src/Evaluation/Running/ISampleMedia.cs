using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>A decoded picture.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Bgr">Height x Width x 3 bytes.</param>
public sealed record Picture(int Width, int Height, byte[] Bgr);

/// <summary>
/// Decodes media for the evaluation, which knows neither codecs nor capture. What cannot be read is a <see cref="SourceException"/> that says why.
/// </summary>
public interface ISampleMedia
{
    /// <summary>A picture, or a video's frame.</summary>
    /// <param name="path">File.</param>
    /// <param name="at">Second of the video; null: its middle. Without meaning for pictures.</param>
    /// <param name="stop">Ends it.</param>
    Picture ReadPicture(string path, double? at, CancellationToken stop);

    /// <summary>The whole sound, mixed to mono.</summary>
    /// <param name="path">File.</param>
    /// <param name="rate">Hz.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Full scale = 1; empty if the file has none.</returns>
    float[] ReadSound(string path, int rate, CancellationToken stop);

    /// <summary>A video's frames in order; the reader disposes each.</summary>
    /// <param name="path">File.</param>
    /// <param name="stop">Ends it.</param>
    IAsyncEnumerable<VideoFrame> ReadFrames(string path, CancellationToken stop);

    /// <summary>Length of a video in seconds.</summary>
    double Length(string path, CancellationToken stop);
}
