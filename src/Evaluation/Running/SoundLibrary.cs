using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>Reads media for the methods, and tells by name what cannot be read or is empty, once for each.</summary>
internal sealed class SoundLibrary(ISampleMedia media, Problems problems, int seed)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>A sound; null, and told, if it cannot be read or has no sample.</summary>
    public float[]? Read(Located sample, int rate, CancellationToken stop)
    {
        try
        {
            var sound = media.ReadSound(sample.Sound, rate, stop);
            if (sound.Length > 0)
            {
                return sound;
            }

            Tell("sound_of_0_samples", sample.Sample.Name);
        }
        catch (SourceException e)
        {
            Tell("sound_unreadable", $"{sample.Sample.Name} ({e.Message})");
        }

        return null;
    }

    /// <summary>A picture; null, and told, if it cannot be read.</summary>
    public Picture? See(Located sample, CancellationToken stop)
    {
        try
        {
            return media.ReadPicture(sample.Picture, sample.Sample.At, stop);
        }
        catch (SourceException e)
        {
            Tell("picture_unreadable", $"{sample.Sample.Name} ({e.Message})");
            return null;
        }
    }

    /// <summary>Names a problem once.</summary>
    public void Tell(string kind, string what)
    {
        if (_told.Add(kind + what))
        {
            problems.Add(kind, what);
        }
    }

    /// <summary>White noise of -20 dBFS; the same for every sample.</summary>
    public float[] Noise(int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(0.1 * Math.Sqrt(3) * (2 * random.NextDouble() - 1)))];
    }
}
