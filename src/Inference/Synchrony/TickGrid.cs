namespace RealtimeSsl.Inference;

/// <summary>
/// Puts motion (known between two frames) and sound (known per column) onto one grid of equal ticks, so that the statistics do not depend on the frame
/// rate. A tick is complete when both have passed its end. Sums are shares of time, so a variable rate neither adds nor loses motion.
/// </summary>
internal sealed class TickGrid
{
    private const int Capacity = 64;
    private readonly double _tick;
    private readonly float[][] _motion = new float[Capacity][];
    private readonly float[] _level = new float[Capacity];
    private readonly float[] _onset = new float[Capacity];
    private readonly int[] _columns = new int[Capacity];
    private long _next;
    private double _origin;
    private double _motionUntil;
    private double _soundUntil;
    private bool _started;

    /// <summary>Makes an empty grid.</summary>
    /// <param name="cells">Cells of a picture.</param>
    /// <param name="seconds">Length of a tick.</param>
    public TickGrid(int cells, double seconds)
    {
        _tick = seconds;
        for (var i = 0; i < Capacity; i++)
        {
            _motion[i] = new float[cells];
        }
    }

    /// <summary>Longest stretch that motion may be ahead of sound, or the other way round, in seconds.</summary>
    public double Span => (Capacity - 2) * _tick;

    /// <summary>Motion of the tick that <see cref="TryNext"/> found.</summary>
    public ReadOnlySpan<float> Motion => _motion[(_next - 1) % Capacity];

    /// <summary>Level of that tick.</summary>
    public float Level => _level[(_next - 1) % Capacity];

    /// <summary>Onset strength of that tick.</summary>
    public float Onset => _onset[(_next - 1) % Capacity];

    /// <summary>Starts anew at a time in seconds.</summary>
    public void Start(double time)
    {
        _next = 0;
        (_origin, _motionUntil, _soundUntil, _started) = (time, 0, 0, true);
        for (var i = 0; i < Capacity; i++)
        {
            Clear(i);
        }
    }

    /// <summary>Adds the motion of the time up to <paramref name="until"/>.</summary>
    public void AddMotion(ReadOnlySpan<float> motion, double until)
    {
        until -= _origin;
        for (var at = (long)Math.Floor(_motionUntil / _tick); at * _tick < until; at++)
        {
            if (at >= _next && at < _next + Capacity - 1)
            {
                var share = (float)((Math.Min(until, (at + 1) * _tick) - Math.Max(_motionUntil, at * _tick)) / _tick);
                var target = _motion[at % Capacity];
                for (var c = 0; c < target.Length; c++)
                {
                    target[c] += share * motion[c];
                }
            }
        }

        _motionUntil = until;
    }

    /// <summary>Adds one column of sound: its level counts as a mean over the tick, its onset as the strongest.</summary>
    public void AddSound(float level, float onset, double time)
    {
        time -= _origin;
        var at = (long)Math.Floor(time / _tick);
        if (at >= _next && at < _next + Capacity - 1)
        {
            var slot = at % Capacity;
            _columns[slot]++;
            _level[slot] += (level - _level[slot]) / _columns[slot];
            _onset[slot] = Math.Max(_onset[slot], onset);
        }

        _soundUntil = Math.Max(_soundUntil, time);
    }

    /// <summary>Moves on to the next complete tick.</summary>
    public bool TryNext()
    {
        if (!_started || (_next + 1) * _tick > Math.Min(_motionUntil, _soundUntil))
        {
            return false;
        }

        // The slot just left is free for the tick that comes a whole round later.
        Clear((int)((_next + Capacity - 1) % Capacity));
        _next++;
        return true;
    }

    private void Clear(int slot)
    {
        Array.Clear(_motion[slot]);
        (_level[slot], _onset[slot], _columns[slot]) = (0, 0, 0);
    }
}
