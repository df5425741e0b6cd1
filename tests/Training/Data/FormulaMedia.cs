using System.Collections.Concurrent;
using OpenCvSharp;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>
/// Files whose content is a formula, "decoded" without ffmpeg: 10 s, brightness 10 t + 20 at second t, a tone whose frequency is 100 (t + 1) Hz.
/// With <see cref="Moves"/> the picture has a pattern that moves to the right. A file whose name holds <c>damaged</c> cannot be read, one with <c>silent</c> has no sound to hear, one with <c>mute</c> has no sound at all.
/// </summary>
internal sealed class FormulaMedia : IMediaReader
{
    public double Seconds { get; init; } = 10;

    /// <summary>Pixels per picture by which a pattern moves to the right; 0 for pictures of one brightness.</summary>
    public double Moves { get; init; }

    /// <summary>Pixels of the shorter side before it is reduced.</summary>
    public int ShortSide { get; init; }

    /// <summary>What was decoded, and how often.</summary>
    public ConcurrentDictionary<string, int> Decoded { get; } = new();

    public MediaSummary Probe(string path, CancellationToken token)
    {
        Check(path);
        return new MediaSummary(true, !path.Contains("mute", StringComparison.Ordinal), Seconds, ShortSide);
    }

    public void ReadPictures(string path, int shortSide, Func<Mat, double, bool> seen, CancellationToken token)
    {
        Count(path + " pictures");
        for (var i = 0; i < Seconds * 25; i++)
        {
            using var picture = new Mat(shortSide, shortSide * 4 / 3, MatType.CV_8UC3, Scalar.All(20 + 10 * (i / 25)));
            if (Moves != 0)
            {
                Pattern(picture.AsSpan<byte>(), picture.Width, i * Moves);
            }

            if (!seen(picture, i / 25.0))
            {
                return;
            }
        }
    }

    public short[] ReadSound(string path, int rate, CancellationToken token)
    {
        Count(path + " sound");
        var sound = new short[(int)(Seconds * rate)];
        for (var i = 0; i < sound.Length && !path.Contains("silent", StringComparison.Ordinal); i++)
        {
            var t = (double)i / rate;
            sound[i] = (short)(16000 * Math.Sin(2 * Math.PI * 100 * ((int)t + 1) * t));
        }

        return sound;
    }

    /// <summary>The second that a tone comes from, by its zero crossings.</summary>
    public static int SecondOf(ReadOnlySpan<float> sound, int rate, double hertzPerSecond = 100)
    {
        var crossings = 0;
        for (var i = 1; i < sound.Length; i++)
        {
            crossings += sound[i - 1] < 0 != sound[i] < 0 ? 1 : 0;
        }

        return (int)Math.Round(crossings / 2.0 * rate / sound.Length / hertzPerSecond) - 1;
    }

    private static void Pattern(Span<byte> rgb, int width, double shift)
    {
        for (var i = 0; i < rgb.Length; i++)
        {
            var (x, y) = (i / 3 % width - shift, i / 3 / width);
            rgb[i] = (byte)(128 + 40 * Math.Sin(0.35 * x) + 30 * Math.Sin(0.21 * x + 0.3 * y) + 30 * Math.Sin(0.27 * y));
        }
    }

    private void Count(string what)
    {
        Check(what);
        Decoded.AddOrUpdate(what, 1, (_, n) => n + 1);
    }

    private static void Check(string path)
    {
        if (path.Contains("damaged", StringComparison.Ordinal))
        {
            throw new TrainingDataException($"{path}: is damaged");
        }
    }
}
