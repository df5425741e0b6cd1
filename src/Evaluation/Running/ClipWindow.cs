using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// A clip's sound to what a network reads of it: the middle (or what surrounds the annotated second), repeated where it is too short, as the methods'
/// own evaluations do. A method with a window of 3 s hears 3.5 to 6.5 s of a clip of ten.
/// </summary>
public static class ClipWindow
{
    /// <summary>The features of a clip.</summary>
    /// <param name="frontEnd">What the network reads.</param>
    /// <param name="sound">Mono, at the front end's rate; not empty.</param>
    /// <param name="clipSeconds">The sound is repeated or cut to this length first; 0: it is as long as it is.</param>
    /// <param name="at">Second of the sound that the window is to surround; null: its middle.</param>
    /// <returns>Rows x Columns, row-major.</returns>
    public static float[] Features(AudioFrontEnd frontEnd, ReadOnlySpan<float> sound, double clipSeconds, double? at = null)
    {
        var window = Samples(frontEnd);
        var clip = Math.Max(window, clipSeconds > 0 ? (int)Math.Round(clipSeconds * frontEnd.Rate) : sound.Length);
        var centre = at is { } second ? (int)Math.Round(second * frontEnd.Rate) : clip / 2;
        var begin = Math.Clamp(centre - window / 2, 0, clip - window);
        var samples = new float[window];
        for (var i = 0; i < window; i++)
        {
            samples[i] = sound[(begin + i) % sound.Length];
        }

        var whole = frontEnd.Analyze(samples);
        var features = new float[frontEnd.Rows * frontEnd.Columns];
        for (var row = 0; row < frontEnd.Rows; row++)
        {
            whole.Values.AsSpan(row * whole.Columns, frontEnd.Columns).CopyTo(features.AsSpan(row * frontEnd.Columns));
        }

        return features;
    }

    /// <summary>Samples of a window: all columns, rounded up to tenths of a second as the methods cut it (3 s, 10 s).</summary>
    public static int Samples(AudioFrontEnd frontEnd)
    {
        var needed = (frontEnd.Columns - 1) * frontEnd.Hop + (frontEnd.Centered ? 0 : frontEnd.WindowLength);
        var tenth = frontEnd.Rate / 10.0;
        return (int)Math.Round(Math.Ceiling(needed / tenth) * tenth);
    }
}
