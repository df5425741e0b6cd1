using OpenCvSharp;

namespace RealtimeSsl.Training.Data;

/// <summary>What a media file holds.</summary>
/// <param name="HasVideo">Whether it has pictures.</param>
/// <param name="HasAudio">Whether it has sound.</param>
/// <param name="Seconds">Its length; 0 where unknown.</param>
/// <param name="ShortSide">Pixels of its pictures' shorter side, before they are reduced; 0 where unknown.</param>
public readonly record struct MediaSummary(bool HasVideo, bool HasAudio, double Seconds, int ShortSide = 0);

/// <summary>
/// Decodes media files; pictures and sound of a file are on one timeline that begins at 0. The program that trains hands it in: training
/// does not know where media come from. For any thread.
/// </summary>
public interface IMediaReader
{
    /// <summary>What a file holds.</summary>
    /// <exception cref="TrainingDataException">It cannot be read; the message names it.</exception>
    MediaSummary Probe(string path, CancellationToken token);

    /// <summary>Shows the pictures of a video in their order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shortSide">Pictures are reduced (never enlarged) so that their shorter side has this many pixels.</param>
    /// <param name="seen">Gets each picture (R, G, B; valid during the call) and its time in seconds; false ends it.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="TrainingDataException">It cannot be decoded; the message names it. Pictures before the damage were shown.</exception>
    void ReadPictures(string path, int shortSide, Func<Mat, double, bool> seen, CancellationToken token);

    /// <summary>All sound of a file, mixed to mono and resampled; holes are silence.</summary>
    /// <exception cref="TrainingDataException">It cannot be decoded, or has no sound; the message names it.</exception>
    short[] ReadSound(string path, int rate, CancellationToken token);
}
