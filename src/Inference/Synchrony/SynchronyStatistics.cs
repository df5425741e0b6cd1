using System.Numerics;

namespace RealtimeSsl.Inference;

/// <summary>
/// Correlation of every cell's motion with the sound, at a bank of lags, updated tick by tick with exponential forgetting.
/// For jointly Gaussian variables the mutual information is -1/2 ln(1 - r^2) (Hershey and Movellan, "Audio vision: using audio-visual synchrony to
/// locate sounds", NIPS 1999); the two features of the sound add up. One burst that met one sound by luck has a high r, too, so r^2 counts in full
/// only when several events carry it: their number is (sum p)^2 / sum p^2 over the events' products p, which is the square of a self-normalised
/// t statistic (White 1980). What chance would give comes from the same data: the same statistic at lags at which no sound can belong to a
/// motion, its maximum taken over the cells, so that rhythm, smoothness and the number of cells are accounted for (maximum-statistic
/// surrogates; Nichols and Holmes 2002).
/// </summary>
internal sealed class SynchronyStatistics
{
    /// <summary>Features of the sound.</summary>
    public const int Features = 2;

    private const int Windows = 8;
    private const float MotionVariance = 0.02f;
    private const float SoundVariance = 1f;
    private const float EventFloor = 0.5f;

    private readonly int _cells;
    private readonly float _keep;
    private readonly float _keepEvent;
    private readonly float _enoughEvents;
    private readonly int[] _lags;
    private readonly float[] _priors;
    private readonly int _perWindow;
    private readonly int _history;
    private readonly float[][] _motion;
    private readonly float[][] _sums;
    private readonly float[][] _squares;
    private readonly float[,] _sound;
    private readonly float[,] _soundSums;
    private readonly float[,] _soundSquares;
    private readonly float[] _products;
    private readonly float[] _events;
    private readonly float[] _eventSquares;
    private readonly float[] _best;
    private readonly float[] _total;
    private readonly float[] _chance = new float[Windows];
    private float _weight;
    private long _tick;

    /// <summary>Makes empty statistics.</summary>
    /// <param name="cells">Cells of the grid.</param>
    /// <param name="settings">Lags, events, length of a tick.</param>
    /// <param name="seconds">Time constant of forgetting.</param>
    public SynchronyStatistics(int cells, SynchronySettings settings, double seconds)
    {
        _cells = cells;
        _keep = (float)Math.Exp(-settings.TickMs / (1000 * seconds));
        _keepEvent = (float)Math.Exp(-settings.TickMs / settings.EventMs);
        _enoughEvents = (float)settings.EnoughEvents;
        var earliest = (int)Math.Round(settings.EarliestSoundMs / settings.TickMs);
        var latest = (int)Math.Round(settings.LatestSoundMs / settings.TickMs);
        _perWindow = earliest + latest + 1;
        var spacing = _perWindow + 1;
        _lags = new int[_perWindow * (1 + Windows)];
        _priors = new float[_perWindow];
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

        for (var i = 0; i < _perWindow; i++)
        {
            var off = ((i - earliest) * settings.TickMs - settings.UsualSoundMs) / settings.SoundSpreadMs;
            _priors[i] = (float)Math.Exp(-0.5 * off * off);
        }

        _history = _lags.Max(Math.Abs) + 1;
        _motion = Rows(_history, cells);
        _sums = Rows(_history, cells);
        _squares = Rows(_history, cells);
        (_sound, _soundSums, _soundSquares) = (new float[_history, Features], new float[_history, Features], new float[_history, Features]);
        _products = new float[_lags.Length * Features * cells];
        (_events, _eventSquares) = (new float[_products.Length], new float[_products.Length]);
        (_best, _total, Score) = (new float[cells], new float[cells], new float[cells]);
    }

    /// <summary>Per cell: sum over the sound's features of the highest r^2 at plausible lags (r above 0) times the share of enough events, 0..2.</summary>
    public float[] Score { get; }

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
        Array.Clear(_events);
        Array.Clear(_eventSquares);
        Array.Clear(Score);
        (_weight, _tick, Chance) = (0, 0, 0);
    }

    /// <summary>Takes one tick.</summary>
    /// <param name="motion">Motion of each cell.</param>
    /// <param name="level">Level of the sound.</param>
    /// <param name="onset">Onset strength of the sound.</param>
    public void Push(ReadOnlySpan<float> motion, float level, float onset)
    {
        var (now, before) = (Slot(0), Slot(1));
        _weight = _keep * _weight + 1;
        for (var c = 0; c < _cells; c++)
        {
            _sums[now][c] = _keep * _sums[before][c] + motion[c];
            var off = motion[c] - _sums[now][c] / _weight;
            _motion[now][c] = off;
            _squares[now][c] = _keep * _squares[before][c] + off * off;
        }

        for (var f = 0; f < Features; f++)
        {
            var value = f == 0 ? level : onset;
            _soundSums[now, f] = _keep * _soundSums[before, f] + value;
            var off = value - _soundSums[now, f] / _weight;
            _sound[now, f] = off;
            _soundSquares[now, f] = _keep * _soundSquares[before, f] + off * off;
        }

        for (var lag = 0; lag < _lags.Length; lag++)
        {
            var (motionSlot, soundSlot) = Delayed(lag);
            for (var f = 0; f < Features; f++)
            {
                Gather(motionSlot, _sound[soundSlot, f], (lag * Features + f) * _cells);
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
                    Correlate(window * _perWindow + i, f, _priors[i]);
                }

                for (var c = 0; c < _cells; c++)
                {
                    _total[c] += _best[c];
                }
            }

            if (window > 0)
            {
                var highest = 0f;
                foreach (var total in _total)
                {
                    highest = Math.Max(highest, total);
                }

                _chance[window - 1] = highest;
            }
        }

        _total.CopyTo(Score, 0);
        Array.Sort(_chance);
        Chance = (_chance[Windows / 2 - 1] + _chance[Windows / 2]) / 2;
    }

    /// <summary>Raises <see cref="_best"/> to what one lag gives, where r is above 0.</summary>
    private void Correlate(int lag, int f, float prior)
    {
        var (motionSlot, soundSlot) = Delayed(lag);
        var scale = 1 / _weight;
        var sound = _soundSquares[soundSlot, f] * scale + SoundVariance;
        var squares = _squares[motionSlot];
        var at = (lag * Features + f) * _cells;
        var (vScale, vSound, vMotion) = (new Vector<float>(scale), new Vector<float>(sound), new Vector<float>(MotionVariance));
        var (vEvent, vEnough, vPrior) = (new Vector<float>(EventFloor), new Vector<float>(1 / _enoughEvents), new Vector<float>(prior));
        var c = 0;
        for (; c <= _cells - Vector<float>.Count; c += Vector<float>.Count)
        {
            var sum = Vector.Max(Vector<float>.Zero, new Vector<float>(_products, at + c));
            var covariance = sum * vScale;
            var r2 = covariance * covariance / ((new Vector<float>(squares, c) * vScale + vMotion) * vSound);
            var events = sum * sum / (new Vector<float>(_eventSquares, at + c) + vEvent);
            var value = vPrior * r2 * Vector.Min(Vector<float>.One, events * vEnough);
            Vector.Max(new Vector<float>(_best, c), value).CopyTo(_best, c);
        }

        for (; c < _cells; c++)
        {
            var sum = Math.Max(0, _products[at + c]);
            var covariance = sum * scale;
            var r2 = covariance * covariance / ((squares[c] * scale + MotionVariance) * sound);
            var events = sum * sum / (_eventSquares[at + c] + EventFloor);
            _best[c] = Math.Max(_best[c], prior * r2 * Math.Min(1, events / _enoughEvents));
        }
    }

    /// <summary>
    /// Adds one tick's product. Products near each other belong to one event: a short memory joins them before they are squared, scaled so that an
    /// event counts by its whole product however long it lasted.
    /// </summary>
    private void Gather(int motionSlot, float sound, int at)
    {
        var motion = _motion[motionSlot];
        var share = 1 - _keepEvent * _keepEvent;
        var (vKeep, vKeepEvent) = (new Vector<float>(_keep), new Vector<float>(_keepEvent));
        var (vShare, vSound) = (new Vector<float>(share), new Vector<float>(sound));
        var c = 0;
        for (; c <= _cells - Vector<float>.Count; c += Vector<float>.Count)
        {
            var product = vSound * new Vector<float>(motion, c);
            var joined = vKeepEvent * new Vector<float>(_events, at + c) + product;
            joined.CopyTo(_events, at + c);
            (vKeep * new Vector<float>(_products, at + c) + product).CopyTo(_products, at + c);
            (vKeep * new Vector<float>(_eventSquares, at + c) + vShare * joined * joined).CopyTo(_eventSquares, at + c);
        }

        for (; c < _cells; c++)
        {
            var product = sound * motion[c];
            var joined = _keepEvent * _events[at + c] + product;
            _events[at + c] = joined;
            _products[at + c] = _keep * _products[at + c] + product;
            _eventSquares[at + c] = _keep * _eventSquares[at + c] + share * joined * joined;
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
