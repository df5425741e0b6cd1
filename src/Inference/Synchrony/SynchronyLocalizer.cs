using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference;

/// <summary>
/// Localizes by synchrony alone: what moves when it sounds, sounds. Needs no weights and works from the second blow or word on; needs a source that
/// visibly moves with its sound. Picture to motion (<see cref="MotionGrid"/>), columns to sound features (<see cref="OnsetEnvelope"/>), both onto one
/// time grid (<see cref="TickGrid"/>), correlation against chance (<see cref="SynchronyStatistics"/>), and from there a score of 0..1 per cell.
/// </summary>
public sealed class SynchronyLocalizer : ILocalizer
{
    private readonly SynchronySettings _settings;
    private readonly MotionGrid _picture;
    private readonly OnsetEnvelope _sound;
    private TickGrid? _ticks;
    private SynchronyStatistics? _fast;
    private SynchronyStatistics? _slow;
    private float[] _rough = [];
    private SpectrogramRing? _ring;
    private long _column;
    private double _columnTime;
    private double _frameTime;
    private double _lastSound;
    private bool _started;

    /// <summary>Makes a localizer that has seen nothing yet.</summary>
    /// <param name="settings">Its constants.</param>
    /// <param name="silenceDbfs">Level below which it is silent, in dB re full scale.</param>
    public SynchronyLocalizer(SynchronySettings? settings = null, double silenceDbfs = -60)
    {
        _settings = settings ?? new SynchronySettings();
        _picture = new MotionGrid(_settings);
        _sound = new OnsetEnvelope(_settings, FrontEnd.Log == LogScale.Decibel ? 1 : FrontEnd.Divisor * 10 / Math.Log(10), silenceDbfs);
    }

    /// <inheritdoc/>
    public LocalizerInfo Info { get; } = new("synchrony", null, new DeviceChoice("cpu", "cpu", null));

    /// <inheritdoc/>
    public AudioFrontEnd FrontEnd => AudioFrontEnds.Synchrony;

    /// <inheritdoc/>
    public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
    {
        var time = frame.Time.TotalSeconds;
        See(frame, time);
        Hear(audio);
        while (_ticks!.TryNext())
        {
            _fast!.Push(_ticks.Motion, _ticks.Level, _ticks.Onset);
            _slow!.Push(_ticks.Motion, _ticks.Level, _ticks.Onset);
        }

        Answer(time, audio.Exists, output);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _picture.Reset();
        _sound.Reset();
        _fast?.Reset();
        _slow?.Reset();
        (_started, _ring, _lastSound) = (false, null, double.NegativeInfinity);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void See(VideoFrame frame, double time)
    {
        if (_picture.Fit(frame.Width, frame.Height))
        {
            Allocate();
        }

        var step = time - _frameTime;
        if (_started && (step <= 0 || step > _settings.LongestGap))
        {
            Reset();
        }

        var change = _picture.Advance(frame.Pixels, frame.Width, frame.Height, step);
        if (!_started)
        {
            _ticks!.Start(time);
            _started = true;
        }
        else
        {
            _ticks!.AddMotion(_picture.Motion, time);
        }

        if (change == PictureChange.Cut)
        {
            _fast!.Reset();
            _slow!.Reset();
        }

        _frameTime = time;
    }

    private void Hear(in AudioWindow audio)
    {
        if (audio.Ring is not { } ring)
        {
            _ring = null;
            return;
        }

        var hop = (double)ring.FrontEnd.Hop / ring.FrontEnd.Rate;
        var newest = audio.To.TotalSeconds - ring.FrontEnd.WindowLength / 2.0 / ring.FrontEnd.Rate;
        var expected = newest - (audio.EndColumn - 1 - _column) * hop;
        if (ring != _ring || audio.EndColumn < _column || _column < ring.Begin || Math.Abs(expected - _columnTime) > 0.1)
        {
            _sound.Reset();
            _ring = ring;
            _column = Math.Max(ring.Begin, audio.EndColumn - ring.FrontEnd.Columns);
        }

        for (; _column < audio.EndColumn; _column++)
        {
            _columnTime = newest - (audio.EndColumn - 1 - _column) * hop;
            _sound.Push(ring.Column(_column));
            _ticks!.AddSound(_sound.Level, _sound.Onset, _columnTime);
            _lastSound = _sound.Sounds ? _columnTime : _lastSound;
        }

        _columnTime += hop;
    }

    private void Answer(double time, bool heard, LocalizerOutput output)
    {
        var map = output.Heatmap;
        map.Resize(_picture.Rows, _picture.Cols);
        (map.Low, map.High, map.Label, output.Threshold) = (0, 1, null, 0.5f);
        var (fast, slow) = ((float)_settings.FastShare, 1 - (float)_settings.FastShare);
        var limit = (float)(_settings.ChanceMargin * (fast * _fast!.Chance + slow * _slow!.Chance) + _settings.ScoreFloor);
        for (var c = 0; c < _rough.Length; c++)
        {
            _rough[c] = (fast * _fast.Score[c] + slow * _slow.Score[c]) / limit;
        }

        Smooth(map.Scores);
        var scores = map.Scores;
        for (var c = 0; c < scores.Length; c++)
        {
            // 1/2 where synchrony reaches its limit; never 1, so that the strongest of several strong ones stays the strongest.
            scores[c] /= 1 + scores[c];
        }

        var best = scores[map.Peak().Cell];
        var ratio = (float)_settings.SecondShare * best / (1 - best);
        output.Threshold = Math.Max(0.5f, ratio / (1 + ratio));
        (output.Presence, output.Evidence, output.Why) = (Math.Clamp(best, 0, 1), best, null);
        if (!heard)
        {
            (output.Presence, output.Evidence, output.Why) = (0, double.NaN, "no audio");
        }
        else if (time - _lastSound > _settings.HoldSeconds)
        {
            (output.Presence, output.Evidence, output.Why) = (0, double.NaN, "silent");
        }
        else if (_slow.Ticks * _settings.TickMs < 1000 * _settings.ListenSeconds)
        {
            (output.Presence, output.Evidence, output.Why) = (0, double.NaN, LocalizerOutput.Listening);
        }
        else if (best < 0.5f)
        {
            output.Why = "off screen?";
        }
    }

    private void Smooth(Span<float> target)
    {
        var (rows, cols) = (_picture.Rows, _picture.Cols);
        for (var y = 0; y < rows; y++)
        {
            var (above, here, below) = (Math.Max(y - 1, 0) * cols, y * cols, Math.Min(y + 1, rows - 1) * cols);
            for (var x = 0; x < cols; x++)
            {
                target[here + x] = (Column(Math.Max(x - 1, 0)) + 2 * Column(x) + Column(Math.Min(x + 1, cols - 1))) / 16;
            }

            float Column(int x) => _rough[above + x] + 2 * _rough[here + x] + _rough[below + x];
        }
    }

    private void Allocate()
    {
        var cells = _picture.Rows * _picture.Cols;
        _ticks = new TickGrid(cells, _settings.TickMs / 1000);
        _fast = new SynchronyStatistics(cells, _settings, _settings.FastSeconds);
        _slow = new SynchronyStatistics(cells, _settings, _settings.SlowSeconds);
        _rough = new float[cells];
        _started = false;
    }
}
