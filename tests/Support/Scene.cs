using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>Pictures and sound by formula, and the windows that the engine would hand out for them.</summary>
public sealed class Scene(AudioFrontEnd frontEnd) : IDisposable
{
    private readonly AudioBlockPool _blocks = new();
    private readonly AudioAnalyzer _analyzer = new(frontEnd, new Counters());
    private readonly FramePool _frames = new();
    private readonly List<VideoFrame> _lent = [];
    private long _samples;

    /// <summary>The sound up to a time.</summary>
    public AudioWindow Window(TimeSpan time) => _analyzer.WindowAt(time);

    /// <summary>Appends sound to the stream, sample by sample.</summary>
    /// <param name="seconds">How much.</param>
    /// <param name="sample">Value of the sample with that index since the begin; full scale = 1.</param>
    public void Play(double seconds, Func<long, double> sample)
    {
        var length = (int)Math.Round(seconds * frontEnd.Rate);
        var time = TimeSpan.FromSeconds((double)_samples / frontEnd.Rate);
        using var block = _blocks.Rent(length, 1, frontEnd.Rate).Stamp(_samples, time, time);
        for (var i = 0; i < length; i++)
        {
            block.Samples[i] = (float)sample(_samples + i);
        }

        _samples += length;
        _analyzer.Push(block);
    }

    /// <summary>Noise of about -16 dBFS.</summary>
    public static double Noise(long sample) => Golden.Uniform(7, (uint)sample, -0.25, 0.25);

    /// <summary>
    /// A frame of the picture of Golden/image.json, shifted by <paramref name="shift"/> pixels: R = 7x + 3y, G = (x x + y y) / 64, B = 5 (x
    /// xor y).
    /// </summary>
    public VideoFrame Frame(TimeSpan time, int shift = 0, int width = 320, int height = 240)
    {
        var frame = _frames.Rent(width, height).Stamp(_lent.Count, time, time);
        _lent.Add(frame);
        var pixels = frame.Pixels;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = (y * width + x) * 3;
                var u = x + shift;
                pixels[at] = (byte)((u ^ y) * 5);
                pixels[at + 1] = (byte)((u * u + y * y) / 64);
                pixels[at + 2] = (byte)(7 * u + 3 * y);
            }
        }

        return frame;
    }

    public void Dispose() => _lent.ForEach(f => f.Dispose());
}
