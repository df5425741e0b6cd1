using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NAudio.Wave;

namespace RealtimeSsl.Capture.Microphone;

/// <summary>A device's samples to floats with full scale 1: 16, 24 and 32 bit integers and 32 bit floats, little-endian.</summary>
internal static class SampleFormat
{
    /// <summary>Whether these samples can be read.</summary>
    public static bool Supports(WaveFormat format) => (format.Encoding, format.BitsPerSample) switch
    {
        (WaveFormatEncoding.Pcm, 16 or 24 or 32) => true,
        (WaveFormatEncoding.IeeeFloat, 32) => true,
        _ => false,
    };

    /// <summary>Converts a delivery.</summary>
    /// <param name="bytes">Whole samples.</param>
    /// <param name="format">A supported format.</param>
    /// <param name="samples">Filled; as many as there are in <paramref name="bytes"/>.</param>
    public static void Convert(ReadOnlySpan<byte> bytes, WaveFormat format, Span<float> samples)
    {
        if (format.Encoding == WaveFormatEncoding.IeeeFloat)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(samples);
            return;
        }

        var width = format.BitsPerSample / 8;
        for (var i = 0; i < samples.Length; i++)
        {
            var sample = bytes.Slice(i * width, width);
            samples[i] = width switch
            {
                2 => BinaryPrimitives.ReadInt16LittleEndian(sample) / 32768f,
                3 => ((sample[0] << 8 | sample[1] << 16 | sample[2] << 24) >> 8) / 8388608f,
                _ => BinaryPrimitives.ReadInt32LittleEndian(sample) / 2147483648f,
            };
        }
    }
}
