namespace RealtimeSsl.Pipeline;

/// <summary>
/// The newest columns of a streaming spectrogram. Columns follow each other by Hop samples;
/// each is computed once, when its last sample arrives, and stays readable until <see cref="Capacity"/> newer ones have come.
/// </summary>
public sealed class SpectrogramRing
{
    private readonly float[] _columns;
    private long _first;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="frontEnd">What a column is.</param>
    /// <param name="capacity">How many columns stay readable; at least the front end's window.</param>
    public SpectrogramRing(AudioFrontEnd frontEnd, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, frontEnd.Columns);
        (FrontEnd, Capacity) = (frontEnd, capacity);
        _columns = new float[capacity * frontEnd.Rows];
    }

    /// <summary>What a column is.</summary>
    public AudioFrontEnd FrontEnd { get; }

    /// <summary>How many columns stay readable.</summary>
    public int Capacity { get; }

    /// <summary>Absolute index just after the newest column.</summary>
    public long End { get; private set; }

    /// <summary>Absolute index of the oldest column that is still readable.</summary>
    public long Begin => Math.Max(_first, End - Capacity);

    /// <summary>One column: Rows features, lowest frequency first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is not here any more, or not yet.</exception>
    public ReadOnlySpan<float> Column(long index)
    {
        if (index < Begin || index >= End)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"columns {Begin} to {End - 1} are here");
        }

        return _columns.AsSpan((int)(index % Capacity) * FrontEnd.Rows, FrontEnd.Rows);
    }

    /// <summary>The place of the next column, for the front end to write into; <see cref="Commit"/> then makes it readable.</summary>
    public Span<float> Next() => _columns.AsSpan((int)(End % Capacity) * FrontEnd.Rows, FrontEnd.Rows);

    /// <summary>Makes the next column readable.</summary>
    public void Commit() => End++;

    /// <summary>Forgets all columns: the stream was cut. Indices go on, so that no two columns of a run share one.</summary>
    public void Clear() => _first = End;
}
