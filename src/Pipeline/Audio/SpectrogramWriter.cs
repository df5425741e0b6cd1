namespace RealtimeSsl.Pipeline;

/// <summary>
/// A stream of samples at the front end's rate to the columns of a ring. Each sample is transformed once per window it lies in, as soon as
/// the window's last sample is here. Beside each column it keeps the energy of its newest hop, from which any past moment's level follows.
/// </summary>
public sealed class SpectrogramWriter
{
    private readonly ColumnAnalyzer _analyzer;
    private readonly double[] _energies;
    private readonly double[] _pending;
    private readonly int _levelColumns;
    private int _filled;

    /// <summary>Makes the writer of a ring; the only one.</summary>
    public SpectrogramWriter(SpectrogramRing ring)
    {
        Ring = ring;
        _analyzer = new ColumnAnalyzer(ring.FrontEnd);
        _energies = new double[ring.Capacity];
        _pending = new double[ring.FrontEnd.WindowLength + 4096];
        _levelColumns = Math.Max(1, (int)Math.Round(0.1 * ring.FrontEnd.Rate / ring.FrontEnd.Hop));
    }

    /// <summary>Where the columns go.</summary>
    public SpectrogramRing Ring { get; }

    /// <summary>Absolute index of the first column since the last cut.</summary>
    public long FirstColumn { get; private set; }

    /// <summary>Samples since the last cut.</summary>
    public long Samples { get; private set; }

    /// <summary>The stream was cut: what was is forgotten, the next sample is the first.</summary>
    public void Cut()
    {
        Ring.Clear();
        (FirstColumn, Samples, _filled) = (Ring.End, 0, 0);
    }

    /// <summary>Takes the next samples.</summary>
    public void Write(ReadOnlySpan<double> samples)
    {
        Samples += samples.Length;
        while (!samples.IsEmpty)
        {
            var part = Math.Min(samples.Length, _pending.Length - _filled);
            samples[..part].CopyTo(_pending.AsSpan(_filled));
            _filled += part;
            samples = samples[part..];
            WriteColumns();
        }
    }

    /// <summary>RMS of the newest 100 ms (to the nearest hop) of the stream up to the end of a column, full scale = 1.</summary>
    /// <param name="endColumn">Absolute index just after that column.</param>
    public double Rms(long endColumn)
    {
        var begin = Math.Max(Ring.Begin, endColumn - _levelColumns);
        var sum = 0.0;
        for (var column = begin; column < endColumn; column++)
        {
            sum += _energies[column % Ring.Capacity];
        }

        return endColumn > begin ? Math.Sqrt(sum / ((endColumn - begin) * Ring.FrontEnd.Hop)) : 0;
    }

    private void WriteColumns()
    {
        var (length, hop) = (Ring.FrontEnd.WindowLength, Ring.FrontEnd.Hop);
        var begin = 0;
        for (; begin + length <= _filled; begin += hop)
        {
            var window = _pending.AsSpan(begin, length);
            _analyzer.Column(window, Ring.Next());
            var energy = 0.0;
            foreach (var sample in window[^hop..])
            {
                energy += sample * sample;
            }

            _energies[Ring.End % Ring.Capacity] = energy;
            Ring.Commit();
        }

        // Hop is at most the window's length, so begin is at most what is here.
        _pending.AsSpan(begin, _filled - begin).CopyTo(_pending);
        _filled -= begin;
    }
}
