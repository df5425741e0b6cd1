namespace RealtimeSsl.Pipeline;

/// <summary>The spectrogram of a whole clip.</summary>
/// <param name="Rows">Features per column.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Values">Rows x Columns features, row-major (<c>[row * Columns + column]</c>), lowest frequency first: a network's input
/// plane.</param>
public sealed record Spectrogram(int Rows, int Columns, float[] Values);

/// <summary>
/// Features as a network reads them: rows are frequencies, columns are time. Live windows and whole clips (training, evaluation) come
/// out of the same <see cref="ColumnAnalyzer"/>.
/// </summary>
public static class SpectrogramTensors
{
    /// <summary>
    /// Copies a window into a network's input. While a stream is younger than the window, the columns there are repeated from the first
    /// one on until the tensor is full: the methods repeat clips that are too short in the same way.
    /// </summary>
    /// <param name="window">A window with audio.</param>
    /// <param name="tensor">FrontEnd.Rows x FrontEnd.Columns places, row-major, lowest frequency first.</param>
    public static void CopyTo(this in AudioWindow window, Span<float> tensor)
    {
        var ring = window.Ring ?? throw new ArgumentException("there is no audio in this window");
        var (rows, columns) = (ring.FrontEnd.Rows, ring.FrontEnd.Columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, rows * columns);
        var first = Math.Max(ring.Begin, window.EndColumn - columns);
        var available = window.EndColumn - first;
        for (var column = 0; column < columns; column++)
        {
            Scatter(ring.Column(first + column % available), tensor[column..], columns);
        }
    }

    /// <summary>
    /// The spectrogram of a clip: all columns whose samples are in it (and those over its reflected ends, where the front end is
    /// centred).
    /// </summary>
    /// <param name="frontEnd">What a column is.</param>
    /// <param name="samples">Mono samples at the front end's rate, full scale = 1.</param>
    /// <exception cref="ArgumentException">The clip is too short for one column.</exception>
    public static Spectrogram Analyze(this AudioFrontEnd frontEnd, ReadOnlySpan<double> samples)
    {
        var padded = frontEnd.Centered ? Reflect(samples, frontEnd.FftSize / 2) : samples;
        if (padded.Length < frontEnd.WindowLength)
        {
            throw new ArgumentException($"a clip of {samples.Length} samples is too short for front end '{frontEnd.Id}'");
        }

        var columns = (padded.Length - frontEnd.WindowLength) / frontEnd.Hop + 1;
        var analyzer = new ColumnAnalyzer(frontEnd);
        var values = new float[frontEnd.Rows * columns];
        var features = new float[frontEnd.Rows];
        for (var column = 0; column < columns; column++)
        {
            analyzer.Column(padded.Slice(column * frontEnd.Hop, frontEnd.WindowLength), features);
            Scatter(features, values.AsSpan(column), columns);
        }

        return new Spectrogram(frontEnd.Rows, columns, values);
    }

    /// <inheritdoc cref="Analyze(AudioFrontEnd, ReadOnlySpan{double})"/>
    public static Spectrogram Analyze(this AudioFrontEnd frontEnd, ReadOnlySpan<float> samples)
    {
        var exact = new double[samples.Length];
        for (var i = 0; i < exact.Length; i++)
        {
            exact[i] = samples[i];
        }

        return frontEnd.Analyze(exact);
    }

    private static void Scatter(ReadOnlySpan<float> features, Span<float> at, int stride)
    {
        for (var row = 0; row < features.Length; row++)
        {
            at[row * stride] = features[row];
        }
    }

    private static double[] Reflect(ReadOnlySpan<double> samples, int padding)
    {
        if (samples.Length <= padding)
        {
            throw new ArgumentException($"a clip of {samples.Length} samples is too short to reflect {padding} of them at its ends");
        }

        var padded = new double[samples.Length + 2 * padding];
        samples.CopyTo(padded.AsSpan(padding));
        for (var i = 1; i <= padding; i++)
        {
            padded[padding - i] = samples[i];
            padded[^(padding + 1 - i)] = samples[^(i + 1)];
        }

        return padded;
    }
}
