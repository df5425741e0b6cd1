namespace RealtimeSsl.Capture.Media;

/// <summary>
/// Maps a remote sender's presentation times to our clock. What we see is arrival = capture + delay with a delay that jitters upwards only,
/// so the least recent (arrival - pts) is the best estimate of the relation of both clocks; it is forgotten slowly, since these clocks
/// drift. Pictures and sound of a sender share one mapper and so stay in sync with each other. Deviations below 70 ms are followed
/// smoothly; earlier arrivals than that prove the estimate wrong; beyond 2 s the sender's clock has jumped (the limits are those of OBS
/// Studio's audio time stamps).
/// </summary>
public sealed class TimestampMapper
{
    /// <summary>Below this the mapping glides, beyond it steps.</summary>
    public static readonly TimeSpan Smooth = TimeSpan.FromMilliseconds(70);

    /// <summary>Beyond this the sender's clock has jumped.</summary>
    public static readonly TimeSpan Jump = TimeSpan.FromSeconds(2);

    /// <summary>What was buffered on the way comes in a burst when a connection begins: until it is over, everything is stale.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(5);

    // Seconds per second: well above the drift of crystal clocks (100 ppm), well below what an ear or eye notices.
    private const double Forget = 0.0005, Glide = 0.005;

    private TimeSpan _envelope, _offset, _last, _begun, _improved;
    private bool _settled, _started;

    /// <summary>How often the sender's clock has jumped.</summary>
    public int Jumps { get; private set; }

    /// <summary>How often the mapping had to step by more than <see cref="Smooth"/>.</summary>
    public int Steps { get; private set; }

    /// <summary>The time on our clock that <paramref name="pts"/> shows; null while the stream has not settled.</summary>
    /// <param name="pts">The sender's presentation time.</param>
    /// <param name="arrival">When it arrived, on our clock; never less than before.</param>
    public TimeSpan? Map(TimeSpan pts, TimeSpan arrival)
    {
        var seen = arrival - pts;
        if (_settled && (seen - _offset).Duration() > Jump)
        {
            Jumps++;
            _started = false;
        }

        if (!_started)
        {
            (_started, _settled, _envelope, _begun, _improved, _last) = (true, false, seen, arrival, arrival, arrival);
        }

        var passed = arrival - _last;
        _last = arrival;
        if (!_settled)
        {
            _improved = seen < _envelope - Noticeable ? arrival : _improved;
            _envelope = seen < _envelope ? seen : _envelope;
            if (arrival - _improved < Settled && arrival - _begun < SettleLimit)
            {
                return null;
            }

            (_settled, _offset) = (true, _envelope);
        }

        _envelope += passed * Forget;
        _envelope = seen < _envelope ? seen : _envelope;
        var error = _envelope - _offset;
        if (error < -Smooth)
        {
            Steps++;
            _offset = _envelope;
        }
        else
        {
            var step = passed * Glide;
            _offset += error > step ? step : error < -step ? -step : error;
        }

        return pts + _offset;
    }
}
