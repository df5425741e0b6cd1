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
    private readonly Complex[] _work;

    /// <summary>Makes the tables.</summary>
    /// <param name="length">Samples: a power of two, at least 4.</param>
    public Fft(int length)
    {
        if (length < 4 || !BitOperations.IsPow2(length))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "the FFT length must be a power of two, at least 4");
        }

        (Length, _half) = (length, length / 2);
        _work = new Complex[_half];
        _roots = new Complex[_half];
        _reversed = new int[_half];
        var bits = BitOperations.Log2((uint)_half);
        for (var i = 0; i < _half; i++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * i / length);
            _roots[i] = new Complex(cos, sin);
            _reversed[i] = Reverse(i, bits);
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
            _work[_reversed[i]] = new Complex(samples[2 * i], samples[2 * i + 1]);
        }

        for (var size = 2; size <= _half; size *= 2)
        {
            Butterflies(size);
        }

        spectrum[0] = _work[0].Real + _work[0].Imaginary;
        spectrum[_half] = _work[0].Real - _work[0].Imaginary;
        for (var k = 1; k < _half; k++)
        {
            var (a, b) = (_work[k], Complex.Conjugate(_work[_half - k]));
            var odd = Multiply(a - b, _roots[k]);
            spectrum[k] = new Complex(0.5 * (a.Real + b.Real + odd.Imaginary), 0.5 * (a.Imaginary + b.Imaginary - odd.Real));
        }
    }

    private void Butterflies(int size)
    {
        var (reach, stride) = (size / 2, Length / size);
        for (var begin = 0; begin < _half; begin += size)
        {
            for (var i = 0; i < reach; i++)
            {
                var upper = _work[begin + i];
                var lower = Multiply(_work[begin + i + reach], _roots[i * stride]);
                _work[begin + i] = upper + lower;
                _work[begin + i + reach] = upper - lower;
            }
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
