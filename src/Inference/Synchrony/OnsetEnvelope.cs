namespace RealtimeSsl.Inference;

/// <summary>
/// Columns of a log-mel spectrogram to two features of the sound: its <see cref="Level"/> above the background, and its <see cref="Onset"/>
/// (half-wave rectified spectral flux: mean rise of the bands over 20 ms; Bello et al., "A tutorial on onset detection in music signals", 2005).
/// Both in dB, both 0 when nothing sounds, so that a microphone's gain and hiss do not matter.
/// </summary>
/// <param name="settings">Margins and limits.</param>
/// <param name="dbPerUnit">What one unit of a column's logarithm is in dB.</param>
/// <param name="silenceDbfs">Level below which it is silent whatever the background, in dB re full scale.</param>
internal sealed class OnsetEnvelope(SynchronySettings settings, double dbPerUnit, double silenceDbfs = -60)
{
    private const float HighestBackground = -35;
    private const float RisePerColumn = 0.015f;
    private const float FallPerColumn = 0.2f;
    private const float Range = 45;
    private float[] _last = [];
    private float[] _secondLast = [];
    private float _background = -120;
    private int _seen;

    /// <summary>Level of the last column above the background and its margin, 0..45 dB.</summary>
    public float Level { get; private set; }

    /// <summary>Mean rise of the last column's bands, dB.</summary>
    public float Onset { get; private set; }

    /// <summary>Whether the last column sounds.</summary>
    public bool Sounds => Level > 0;

    /// <summary>Forgets what it has heard, the background too.</summary>
    public void Reset() => (_seen, Level, Onset) = (0, 0, 0);

    /// <summary>Takes the next column.</summary>
    public void Push(ReadOnlySpan<float> column)
    {
        if (_last.Length != column.Length)
        {
            (_last, _secondLast) = (new float[column.Length], new float[column.Length]);
        }

        var power = 0.0;
        var rise = 0f;
        (_last, _secondLast) = (_secondLast, _last);
        for (var i = 0; i < column.Length; i++)
        {
            var db = column[i] * (float)dbPerUnit;
            power += Math.Pow(10, db / 10);
            rise += _seen >= 2 ? Math.Max(0, db - _last[i]) : 0;
            _last[i] = db;
        }

        var level = (float)(10 * Math.Log10(power / column.Length));
        _background = _seen == 0 ? Math.Min(level, HighestBackground)
            : level < _background ? _background + (level - _background) * FallPerColumn
            : Math.Min(_background + RisePerColumn, HighestBackground);
        _seen = Math.Min(_seen + 1, 2);
        var threshold = Math.Max(_background + settings.SoundMargin, silenceDbfs);
        Level = (float)Math.Clamp(level - threshold, 0, Range);
        Onset = Sounds ? rise / column.Length : 0;
    }
}
