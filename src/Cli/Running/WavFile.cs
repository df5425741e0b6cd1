using System.Buffers.Binary;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>
/// Plain WAVE files without a child process: benchmarks have thousands of them, and starting ffmpeg takes longer than a network needs. 16-bit and 32-bit
/// float PCM; anything else is for ffmpeg.
/// </summary>
internal static class WavFile
{
    /// <summary>The sound, mixed to mono, at a rate; null if the file is of another kind.</summary>
    public static float[]? TryRead(string path, int rate)
    {
        var bytes = path.EndsWith(".wav", StringComparison.OrdinalIgnoreCase) ? File.ReadAllBytes(path) : [];
        if (bytes.Length < 12 || !bytes.AsSpan(0, 4).SequenceEqual("RIFF"u8) || !bytes.AsSpan(8, 4).SequenceEqual("WAVE"u8))
        {
            return null;
        }

        var format = default((int Code, int Channels, int Rate, int Bits)?);
        for (long at = 12; at + 8 <= bytes.Length;)
        {
            var name = bytes.AsSpan((int)at, 4);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)at + 4));
            var body = bytes.AsSpan((int)at + 8, (int)Math.Min(length, bytes.Length - at - 8));
            if (name.SequenceEqual("fmt "u8) && body.Length >= 16)
            {
                format = (BinaryPrimitives.ReadUInt16LittleEndian(body), BinaryPrimitives.ReadUInt16LittleEndian(body[2..]),
                    BinaryPrimitives.ReadInt32LittleEndian(body[4..]), BinaryPrimitives.ReadUInt16LittleEndian(body[14..]));
            }
            else if (name.SequenceEqual("data"u8))
            {
                return format is ((1, _, _, 16) or (3, _, _, 32)) and { Channels: > 0, Rate: > 0 } known
                    ? known.Channels == 1 && known.Bits == 16 && known.Rate == rate ? Plain(body) : Resampled(Mono(body, known.Channels, known.Bits), known.Rate, rate)
                    : null;
            }

            at += 8 + length + (length & 1);
        }

        return null;
    }

    /// <summary>The usual case of benchmarks, without a copy in double precision.</summary>
    private static float[] Plain(ReadOnlySpan<byte> data)
    {
        var sound = new float[data.Length / 2];
        for (var i = 0; i < sound.Length; i++)
        {
            sound[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]) / 32768f;
        }

        return sound;
    }

    private static double[] Mono(ReadOnlySpan<byte> data, int channels, int bits)
    {
        var step = bits / 8;
        var mono = new double[data.Length / (step * channels)];
        for (var i = 0; i < mono.Length * channels; i++)
        {
            var sample = bits == 16 ? BinaryPrimitives.ReadInt16LittleEndian(data[(step * i)..]) / 32768.0 : BinaryPrimitives.ReadSingleLittleEndian(data[(step * i)..]);
            mono[i / channels] += sample / channels;
        }

        return mono;
    }

    private static float[] Resampled(double[] mono, int from, int to)
    {
        if (from == to || mono.Length == 0)
        {
            return Array.ConvertAll(mono, v => (float)v);
        }

        // What the filter still holds at the end is pushed out by silence.
        var resampler = new Resampler(from, to);
        var padded = new double[mono.Length + resampler.Lookahead];
        mono.CopyTo(padded, 0);
        var output = new double[resampler.MaxOutput(padded.Length)];
        var count = Math.Min(resampler.Process(padded, output), (int)((long)mono.Length * to / from));
        return Array.ConvertAll(output[..count], v => (float)v);
    }
}
