using System.Numerics;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// The Fourier transform of a real signal whose length is a power of two, in double precision: even and odd samples are packed into one
/// complex transform of half the length, which is then unravelled. All tables are made once; a call allocates nothing. Not for use by two
/// threads at once.
/// </summary>
public sealed class Fft
{
    private readonly int _half;
    private readonly int[] _reversed;
    private readonly Complex[] _roots;

    // Real and imaginary parts apart, and each stage's roots in a row (those of reach r from r - 1 on), so that butterflies run over whole vectors.
    private readonly double[] _re;
    private readonly double[] _im;
    private readonly double[] _stageRe;
    private readonly double[] _stageIm;

    /// <summary>Makes the tables.</summary>
    /// <param name="length">Samples: a power of two, at least 4.</param>
    public Fft(int length)
    {
        if (length < 4 || !BitOperations.IsPow2(length))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "the FFT length must be a power of two, at least 4");
        }

        (Length, _half) = (length, length / 2);
        (_re, _im, _stageRe, _stageIm) = (new double[_half], new double[_half], new double[_half - 1], new double[_half - 1]);
        _roots = new Complex[_half];
        _reversed = new int[_half];
        var bits = BitOperations.Log2((uint)_half);
        for (var i = 0; i < _half; i++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * i / length);
            _roots[i] = new Complex(cos, sin);
            _reversed[i] = Reverse(i, bits);
        }

        for (var reach = 1; reach < _half; reach *= 2)
        {
            for (var i = 0; i < reach; i++)
            {
                (_stageRe[reach - 1 + i], _stageIm[reach - 1 + i]) = (_roots[i * _half / reach].Real, _roots[i * _half / reach].Imaginary);
            }
        }
    }

    /// <summary>Samples that go in.</summary>
    public int Length { get; }

    /// <summary>Bins that come out: Length / 2 + 1.</summary>
    public int Bins => _half + 1;

    /// <summary>X[k] = sum of x[n] exp(-2 pi i k n / Length), k from 0 to Length / 2.</summary>
    /// <param name="samples">Length samples.</param>
    /// <param name="spectrum">Bins values.</param>
    public void Forward(ReadOnlySpan<double> samples, Span<Complex> spectrum)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(samples.Length, Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(spectrum.Length, Bins);
        for (var i = 0; i < _half; i++)
        {
            (_re[_reversed[i]], _im[_reversed[i]]) = (samples[2 * i], samples[2 * i + 1]);
        }

        for (var begin = 0; begin < _half; begin += 2)
        {
            // The first stage's root is 1.
            var (re, im) = (_re[begin + 1], _im[begin + 1]);
            (_re[begin], _im[begin], _re[begin + 1], _im[begin + 1]) = (_re[begin] + re, _im[begin] + im, _re[begin] - re, _im[begin] - im);
        }

        for (var reach = 2; reach < _half; reach *= 2)
        {
            for (var begin = 0; begin < _half; begin += 2 * reach)
            {
                Butterflies(begin, reach);
            }
        }

        spectrum[0] = _re[0] + _im[0];
        spectrum[_half] = _re[0] - _im[0];
        for (var k = 1; k < _half; k++)
        {
            var (a, b) = (new Complex(_re[k], _im[k]), new Complex(_re[_half - k], -_im[_half - k]));
            var odd = Multiply(a - b, _roots[k]);
            spectrum[k] = new Complex(0.5 * (a.Real + b.Real + odd.Imaginary), 0.5 * (a.Imaginary + b.Imaginary - odd.Real));
        }
    }

    private void Butterflies(int begin, int reach)
    {
        var i = 0;
        for (; i <= reach - Vector<double>.Count; i += Vector<double>.Count)
        {
            var (up, low, root) = (begin + i, begin + reach + i, reach - 1 + i);
            var (a, b, c, d) = (new Vector<double>(_re, up), new Vector<double>(_im, up), new Vector<double>(_re, low), new Vector<double>(_im, low));
            var (p, q) = (new Vector<double>(_stageRe, root), new Vector<double>(_stageIm, root));
            var (re, im) = (c * p - d * q, c * q + d * p);
            (a + re).CopyTo(_re, up);
            (b + im).CopyTo(_im, up);
            (a - re).CopyTo(_re, low);
            (b - im).CopyTo(_im, low);
        }

        for (; i < reach; i++)
        {
            var (up, low, root) = (begin + i, begin + reach + i, reach - 1 + i);
            var (a, b, c, d, p, q) = (_re[up], _im[up], _re[low], _im[low], _stageRe[root], _stageIm[root]);
            var (re, im) = (c * p - d * q, c * q + d * p);
            (_re[up], _im[up], _re[low], _im[low]) = (a + re, b + im, a - re, b - im);
        }
    }

    private static Complex Multiply(Complex a, Complex b) =>
        new(a.Real * b.Real - a.Imaginary * b.Imaginary, a.Real * b.Imaginary + a.Imaginary * b.Real);

    private static int Reverse(int value, int bits)
    {
        var result = 0;
        for (var bit = 0; bit < bits; bit++)
        {
            result = result << 1 | value >> bit & 1;
        }

        return result;
    }
}
