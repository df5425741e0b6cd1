using System.Numerics;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// Samples to one column of a spectrogram, exactly as the front end says: mean removal, window, Fourier transform, power, bands,
/// logarithm. All in double precision up to the last step, because published models were trained on features computed so. Streams and
/// whole clips both go through here. Not for use by two threads at once.
/// </summary>
public sealed class ColumnAnalyzer
{
    private readonly AudioFrontEnd _frontEnd;
    private readonly double[] _window;
    private readonly double[] _frame;
    private readonly Complex[] _bins;
    private readonly double[] _spectrum;
    private readonly double[] _rows;
    private readonly double _inner;
    private readonly double _edge;
    private readonly Fft _fft;
    private readonly MelFilterBank? _mel;

    /// <summary>Makes the tables of a front end.</summary>
    /// <exception cref="ArgumentException">The front end's numbers do not fit together; the message names it and them.</exception>
    public ColumnAnalyzer(AudioFrontEnd frontEnd)
    {
        Check(frontEnd);
        _frontEnd = frontEnd;
        _fft = new Fft(Math.Max(4, frontEnd.FftSize));
        _window = Window(frontEnd.Shape, frontEnd.WindowLength);
        _frame = new double[frontEnd.FftSize];
        _bins = new Complex[_fft.Bins];
        _spectrum = new double[_fft.Bins];
        _mel = frontEnd.Mel is { } bank ? new MelFilterBank(bank, frontEnd.Rate, _fft.Bins) : null;
        _rows = _mel is null ? _spectrum : new double[_mel.Bands];
        var energy = _window.Sum(w => w * w);
        _edge = frontEnd.Density ? 1 / (frontEnd.Rate * energy) : frontEnd.WindowNormalised ? 1 / energy : 1;
        _inner = frontEnd.Density ? 2 * _edge : _edge;
    }

    /// <summary>The window's points: for tests and for whoever needs its energy.</summary>
    public ReadOnlySpan<double> WindowPoints => _window;

    /// <summary>One column.</summary>
    /// <param name="samples">WindowLength samples, full scale = 1.</param>
    /// <param name="column">Rows features, lowest frequency first.</param>
    public void Column(ReadOnlySpan<double> samples, Span<float> column)
    {
        if (_frontEnd.Waveform)
        {
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = (float)samples[i];
            }

            return;
        }

        var rows = Bands(samples);
        if (_frontEnd.Log == LogScale.Decibel)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                column[i] = (float)(10 * Math.Log10(Math.Max(rows[i], _frontEnd.Floor)));
            }
        }
        else
        {
            var (floor, divisor, i) = (new Vector<double>(_frontEnd.Floor), new Vector<double>(_frontEnd.Divisor), 0);
            for (; i <= rows.Length - Vector<double>.Count; i += Vector<double>.Count)
            {
                var logs = Vector.Log(new Vector<double>(rows[i..]) + floor) / divisor;
                for (var k = 0; k < Vector<double>.Count; k++)
                {
                    column[i + k] = (float)logs[k];
                }
            }

            for (; i < rows.Length; i++)
            {
                column[i] = (float)(Math.Log(rows[i] + _frontEnd.Floor) / _frontEnd.Divisor);
            }
        }
    }

    /// <summary>The column before its logarithm: power (or magnitude) by row; not of waveforms, which have none. Valid until the next call.</summary>
    /// <param name="samples">WindowLength samples, full scale = 1.</param>
    public ReadOnlySpan<double> Bands(ReadOnlySpan<double> samples)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(samples.Length, _window.Length);
        var mean = 0.0;
        if (_frontEnd.RemoveMean)
        {
            foreach (var sample in samples)
            {
                mean += sample;
            }

            mean /= samples.Length;
        }

        // A window shorter than the transform sits at its begin; where it sits does not change a power.
        for (var i = 0; i < _window.Length; i++)
        {
            _frame[i] = (samples[i] - mean) * _window[i];
        }

        _fft.Forward(_frame, _bins);
        for (var i = 0; i < _bins.Length; i++)
        {
            var (re, im) = (_bins[i].Real, _bins[i].Imaginary);
            var power = (re * re + im * im) * (i == 0 || i == _bins.Length - 1 ? _edge : _inner);
            _spectrum[i] = _frontEnd.Magnitude ? Math.Sqrt(power) : power;
        }

        _mel?.Apply(_spectrum, _rows);
        return _rows;
    }

    private static double[] Window(WindowShape shape, int length)
    {
        var window = new double[length];
        for (var n = 0; n < length; n++)
        {
            // Periodic: the symmetric window of length + 1 points without its last.
            var x = (double)n / length;
            window[n] = shape switch
            {
                WindowShape.Tukey25 => Math.Min(x, 1 - x) is var edge && edge < 0.125 ? 0.5 * (1 - Math.Cos(8 * Math.PI * edge)) : 1,
                _ => 0.5 * (1 - Math.Cos(2 * Math.PI * x)),
            };
        }

        return window;
    }

    private static void Check(AudioFrontEnd f)
    {
        var wrong = f switch
        {
            { Rate: < 1 } => $"Rate {f.Rate} must be above 0",
            { Columns: < 1 } => $"Columns {f.Columns} must be above 0",
            { Divisor: 0 } => "Divisor must not be 0",
            { Waveform: true } => f.Hop > 0 && f.Hop == f.WindowLength ? null : $"Hop {f.Hop} and WindowLength {f.WindowLength} of a waveform must be the same",
            _ when f.FftSize < 4 || !BitOperations.IsPow2(f.FftSize) => $"FftSize {f.FftSize} must be a power of two, at least 4",
            _ when f.WindowLength < 1 || f.WindowLength > f.FftSize => $"WindowLength {f.WindowLength} must be 1 to FftSize ({f.FftSize})",
            _ when f.Hop < 1 || f.Hop > f.WindowLength => $"Hop {f.Hop} must be 1 to WindowLength ({f.WindowLength})",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new ArgumentException($"audio front end '{f.Id}': {wrong}");
        }
    }
}
