using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OpenCvSharp;
using RealtimeSsl.Inference;

namespace RealtimeSsl.Training.Data.Cache;

/// <summary>
/// The motion that led to a picture of a video, as it is kept: optical flow from the picture before, as the engine computes it (<see cref="OpticalFlow"/>), in
/// pixels of the source per 40 ms to the right and down. Half the picture's size is enough for what is smooth over 15 pixels.
/// </summary>
internal static class CachedMotion
{
    /// <summary>Makes it.</summary>
    /// <param name="before">The picture before: R, G, B.</param>
    /// <param name="now">The picture.</param>
    /// <param name="seconds">From the one to the other.</param>
    /// <param name="scale">Pixels of the source for one of theirs.</param>
    /// <returns>Its payload and size; empty where it is another scene rather than a motion.</returns>
    public static (byte[] Payload, Size Size) Of(Mat before, Mat now, double seconds, double scale)
    {
        if (before.Empty() || before.Size() != now.Size() || !(seconds > 0) || seconds > OpticalFlow.Longest.TotalSeconds)
        {
            return ([], default);
        }

        using Mat first = new(), second = new(), flow = new(), small = new();
        Cv2.CvtColor(before, first, ColorConversionCodes.RGB2GRAY);
        Cv2.CvtColor(now, second, ColorConversionCodes.RGB2GRAY);
        OpticalFlow.Between(first, second, flow);
        Cv2.Resize(flow, small, new Size(Math.Max(1, now.Width / 2), Math.Max(1, now.Height / 2)), 0, 0, InterpolationFlags.Area);
        var values = small.AsSpan<float>();
        TensorPrimitives.Multiply(values, (float)(scale * OpticalFlow.Nominal.TotalSeconds / seconds), values);
        var halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        return (MemoryMarshal.AsBytes<Half>(halves).ToArray(), small.Size());
    }

    /// <summary>Reads it; false where nothing is known.</summary>
    /// <param name="media">The entry.</param>
    /// <param name="into">CV_32FC2, overwritten.</param>
    public static bool Read(CachedMedia media, Mat into)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(media.Bytes);
        if (halves.IsEmpty)
        {
            return false;
        }

        into.Create(media.Height, media.Width, MatType.CV_32FC2);
        TensorPrimitives.ConvertToSingle(halves, into.AsSpan<float>());
        return true;
    }
}
