using System.Numerics;

namespace RealtimeSsl.Inference;

/// <summary>
/// Correlation of every cell's motion with the sound, at a bank of lags, updated tick by tick with exponential forgetting.
/// For jointly Gaussian variables the mutual information is -1/2 ln(1 - r^2) (Hershey and Movellan, "Audio vision: using audio-visual synchrony to
/// locate sounds", NIPS 1999); the two features of the sound add up. What chance would give comes from the same data: the same statistic at lags
/// at which no sound can belong to a motion, its maximum taken over the cells, so that rhythm, smoothness and the number of cells are
/// accounted for (maximum-statistic surrogates; Nichols and Holmes 2002).
/// </summary>
internal sealed class SynchronyStatistics
{
    /// <summary>Features of the sound.</summary>
    public const int Features = 2;

    private const int Windows = 8;
    private const float MotionVariance = 0.02f;
    private const float SoundVariance = 1f;

    private readonly int _cells;
    private readonly float _keep;
    private readonly int[] _lags;
    private readonly int _perWindow;
    private readonly int _history;
    private readonly float[][] _motion;
    private readonly float[][] _sums;
    private readonly float[][] _squares;
    private readonly float[,] _sound;
    private readonly float[,] _soundSums;
    private readonly float[,] _soundSquares;
    private readonly float[] _products;
    private readonly float[] _best;
    private readonly float[] _total;
    private readonly float[] _chance = new float[Windows];
    private float _weight;
    private long _tick;

    /// <summary>Makes empty statistics.</summary>
    /// <param name="cells">Cells of the grid.</param>
    /// <param name="earliest">Ticks by which motion may come after its sound.</param>
    /// <param name="latest">Ticks by which motion may come before its sound.</param>
    /// <param name="memory">Time constant of forgetting, in ticks.</param>
    public SynchronyStatistics(int cells, int earliest, int latest, double memory)
    {
        _cells = cells;
        _keep = (float)Math.Exp(-1 / memory);
        _perWindow = earliest + latest + 1;
        var spacing = _perWindow + 1;
        _lags = new int[_perWindow * (1 + Windows)];
        for (var window = 0; window <= Windows; window++)
        {
            // 0, then alternately earlier and later, clear of the plausible lags by one width.
            var step = window == 0 ? 0 : (window + 1) / 2 + 1;
            var offset = (window % 2 == 0 ? 1 : -1) * step * spacing;
            for (var i = 0; i < _perWindow; i++)
            {
                _lags[window * _perWindow + i] = offset - earliest + i;
            }
        }

        _history = _lags.Max(Math.Abs) + 1;
        _motion = Rows(_history, cells);
        _sums = Rows(_history, cells);
        _squares = Rows(_history, cells);
        (_sound, _soundSums, _soundSquares) = (new float[_history, Features], new float[_history, Features], new float[_history, Features]);
        _products = new float[_lags.Length * Features * cells];
        (_best, _total, Score) = (new float[cells], new float[cells], new float[cells]);
    }

    /// <summary>Per cell: sum over the sound's features of the highest r^2 at plausible lags (r above 0), 0..2.</summary>
    public float[] Score { get; }

    /// <summary>Highest <see cref="Score"/>.</summary>
    public float Best { get; private set; }

    /// <summary>What the highest score is worth at lags that mean nothing: the median of eight windows.</summary>
    public float Chance { get; private set; }

    /// <summary>Ticks taken in.</summary>
    public long Ticks => _tick;

    /// <summary>Forgets all.</summary>
    public void Reset()
    {
        Clear(_motion);
        Clear(_sums);
        Clear(_squares);
        Array.Clear(_sound);
        Array.Clear(_soundSums);
        Array.Clear(_soundSquares);
        Array.Clear(_products);
        Array.Clear(Score);
        (_weight, _tick, Best, Chance) = (0, 0, 0, 0);
    }

    /// <summary>Takes one tick.</summary>
    /// <param name="motion">Motion of each cell.</param>
    /// <param name="level">Level of the sound.</param>
    /// <param name="onset">Onset strength of the sound.</param>
    public void Push(ReadOnlySpan<float> motion, float level, float onset)
    {
        var (now, before) = (Slot(0), Slot(1));
        motion.CopyTo(_motion[now]);
        Accumulate(_sums[now], _sums[before], _motion[now], squared: false);
        Accumulate(_squares[now], _squares[before], _motion[now], squared: true);
        for (var f = 0; f < Features; f++)
        {
            var value = f == 0 ? level : onset;
            _sound[now, f] = value;
            _soundSums[now, f] = _keep * _soundSums[before, f] + value;
            _soundSquares[now, f] = _keep * _soundSquares[before, f] + value * value;
        }

        _weight = _keep * _weight + 1;
        for (var lag = 0; lag < _lags.Length; lag++)
        {
            for (var f = 0; f < Features; f++)
            {
                Products(Delayed(lag).Motion, _sound[Delayed(lag).Sound, f], _products.AsSpan((lag * Features + f) * _cells, _cells));
            }
        }

        Evaluate();
        _tick++;
    }

    private void Evaluate()
    {
        for (var window = Windows; window >= 0; window--)
        {
            Array.Clear(_total);
            for (var f = 0; f < Features; f++)
            {
                Array.Clear(_best);
                for (var i = 0; i < _perWindow; i++)
                {
                    Correlate(window * _perWindow + i, f);
                }

                for (var c = 0; c < _cells; c++)
                {
                    _total[c] += _best[c];
                }
            }

            var highest = 0f;
            foreach (var total in _total)
            {
                highest = Math.Max(highest, total);
            }

            if (window > 0)
            {
                _chance[window - 1] = highest;
            }
            else
            {
                Best = highest;
            }
        }

        _total.CopyTo(Score, 0);
        Array.Sort(_chance);
        Chance = (_chance[Windows / 2 - 1] + _chance[Windows / 2]) / 2;
    }

    /// <summary>Raises <see cref="_best"/> to r^2 at one lag, where r is above 0.</summary>
    private void Correlate(int lag, int f)
    {
        var (motionSlot, soundSlot) = Delayed(lag);
        var scale = 1 / _weight;
        var mean = _soundSums[soundSlot, f] * scale;
        var variance = Math.Max(0, _soundSquares[soundSlot, f] * scale - mean * mean) + SoundVariance;
        var (sums, squares) = (_sums[motionSlot], _squares[motionSlot]);
        var products = _products.AsSpan((lag * Features + f) * _cells, _cells);
        var (vectorScale, vectorMean, vectorVariance) = (new Vector<float>(scale), new Vector<float>(mean), new Vector<float>(variance));
        var floor = new Vector<float>(MotionVariance);
        var c = 0;
        for (; c <= _cells - Vector<float>.Count; c += Vector<float>.Count)
        {
            var m = new Vector<float>(sums, c) * vectorScale;
            var covariance = Vector.Max(Vector<float>.Zero, new Vector<float>(products[c..]) * vectorScale - m * vectorMean);
            var spread = Vector.Max(Vector<float>.Zero, new Vector<float>(squares, c) * vectorScale - m * m) + floor;
            var r2 = covariance * covariance / (spread * vectorVariance);
            Vector.Max(new Vector<float>(_best, c), r2).CopyTo(_best, c);
        }

        for (; c < _cells; c++)
        {
            var m = sums[c] * scale;
            var covariance = Math.Max(0, products[c] * scale - m * mean);
            var spread = Math.Max(0, squares[c] * scale - m * m) + MotionVariance;
            _best[c] = Math.Max(_best[c], covariance * covariance / (spread * variance));
        }
    }

    private void Accumulate(float[] target, float[] old, float[] value, bool squared)
    {
        for (var c = 0; c < _cells; c++)
        {
            target[c] = _keep * old[c] + (squared ? value[c] * value[c] : value[c]);
        }
    }

    private void Products(int motionSlot, float sound, Span<float> products)
    {
        var motion = _motion[motionSlot];
        var (keep, by) = (new Vector<float>(_keep), new Vector<float>(sound));
        var c = 0;
        for (; c <= _cells - Vector<float>.Count; c += Vector<float>.Count)
        {
            (keep * new Vector<float>(products[c..]) + by * new Vector<float>(motion, c)).CopyTo(products[c..]);
        }

        for (; c < _cells; c++)
        {
            products[c] = _keep * products[c] + sound * motion[c];
        }
    }

    /// <summary>A positive lag pairs the newest sound with older motion, a negative one the newest motion with older sound.</summary>
    private (int Motion, int Sound) Delayed(int lag) => (Slot(Math.Max(_lags[lag], 0)), Slot(Math.Max(-_lags[lag], 0)));

    private int Slot(int ago) => (int)((_tick + _history - ago) % _history);

    private static float[][] Rows(int count, int cells) => Enumerable.Range(0, count).Select(_ => new float[cells]).ToArray();

    private static void Clear(float[][] rows)
    {
        foreach (var row in rows)
        {
            Array.Clear(row);
        }
    }
}
