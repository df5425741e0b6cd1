namespace RealtimeSsl.Pipeline;

/// <summary>
/// A view of the newest columns of a spectrogram ring up to a frame's time: no copy, valid during the call it is passed to.
/// Columns have absolute indices, so a localizer that keeps state sees at once which ones are new.
/// </summary>
/// <param name="Ring">The columns; null when there is no audio for this moment.</param>
/// <param name="EndColumn">Absolute index just after the last column of the window.</param>
/// <param name="From">Begin of the window on the source's timeline.</param>
/// <param name="To">End of the last column's samples on the source's timeline; at or before the frame's time.</param>
/// <param name="Dbfs">RMS level of the newest 100 ms, dB re full scale; null when silent.</param>
public readonly record struct AudioWindow(SpectrogramRing? Ring, long EndColumn, TimeSpan From, TimeSpan To, double? Dbfs)
{
    /// <summary>No audio for this moment: the source has none, or it has a hole here.</summary>
    public static AudioWindow None => default;

    /// <summary>Whether there is audio.</summary>
    public bool Exists => Ring is not null;
}
