using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// When the audio network runs: at fixed marks of the stream's own columns, not at frames. All frames between two marks share one
/// embedding, and which one depends on the stream alone: neither the machine's load nor a dropped frame changes an answer.
/// </summary>
public sealed class AudioGrid
{
    /// <summary>Less sound than this says too little to point at anything.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);

    private readonly int _step;
    private readonly int _shortest;
    private SpectrogramRing? _ring;
    private long _begin;
    private long _end;

    /// <summary>Makes a grid.</summary>
    /// <param name="frontEnd">What a column is.</param>
    /// <param name="every">Time from mark to mark, rounded to columns; at least one.</param>
    public AudioGrid(AudioFrontEnd frontEnd, TimeSpan every)
    {
        var columnsPerSecond = (double)frontEnd.Rate / frontEnd.Hop;
        _step = Math.Max(1, (int)Math.Round(every.TotalSeconds * columnsPerSecond));
        _shortest = Math.Min(frontEnd.Columns, (int)Math.Ceiling(Shortest.TotalSeconds * columnsPerSecond));
    }

    /// <summary>Moves to the frame's mark.</summary>
    /// <param name="audio">The audio up to the frame.</param>
    /// <param name="atMark">The audio up to the newest mark: what the network reads.</param>
    /// <param name="isNew">Whether the network has not read these columns yet.</param>
    /// <returns>Null, or why there is nothing to listen to.</returns>
    public string? Advance(in AudioWindow audio, out AudioWindow atMark, out bool isNew)
    {
        (atMark, isNew) = (AudioWindow.None, false);
        if (audio.Ring is not { } ring)
        {
            return "no audio";
        }

        if (audio.Dbfs is null)
        {
            return "silent";
        }

        var end = audio.EndColumn - audio.EndColumn % _step;
        var begin = Math.Max(ring.Begin, end - ring.FrontEnd.Columns);
        if (end - begin < _shortest)
        {
            return LocalizerOutput.Listening;
        }

        isNew = ring != _ring || end != _end || begin != _begin;
        (_ring, _begin, _end) = (ring, begin, end);
        atMark = audio with { EndColumn = end };
        return null;
    }

    /// <summary>Forgets what was read.</summary>
    public void Reset() => _ring = null;
}
