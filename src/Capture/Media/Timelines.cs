using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>Where a presentation time lies on the source's timeline.</summary>
internal abstract class Timeline
{
    /// <summary>Where the timeline begins; a limit on the length counts from here.</summary>
    public abstract TimeSpan Origin { get; }

    /// <summary>Changes whenever the relation of presentation time and timeline was torn.</summary>
    public virtual int Epoch => 0;

    /// <summary>Sound may trail the picture by this much before nobody waits for it any longer.</summary>
    public virtual TimeSpan AudioSlack => SampleLedger.Jitter;

    /// <summary>How much sound beyond a picture's time its reader may need: resamplers look ahead.</summary>
    public virtual TimeSpan Margin => TimeSpan.Zero;

    /// <summary>Whether pictures are held back until their sound is there. Live ones never are.</summary>
    public virtual bool HoldsPictures => false;

    /// <summary>
    /// The time of what is presented at <paramref name="pts"/>; may wait until that time has come. Null: it is stale, skip it.
    /// </summary>
    public abstract TimeSpan? Place(TimeSpan pts, CancellationToken token);
}

/// <summary>A file's own time, after what came before it.</summary>
internal sealed class FileTimeline(TimeSpan offset) : Timeline
{
    public override TimeSpan Origin => TimeSpan.Zero;

    public override TimeSpan Margin => TimeSpan.FromMilliseconds(40);

    public override bool HoldsPictures => true;

    public override TimeSpan? Place(TimeSpan pts, CancellationToken token) => offset + pts;
}

/// <summary>A file paced as if it were live: what is presented at t leaves at origin + offset + t on the engine's clock.</summary>
internal sealed class PacedTimeline(IClock clock, TimeSpan origin, TimeSpan offset) : Timeline
{
    /// <summary>From opening to the first picture: whoever opened it gets ready to read, and misses nothing.</summary>
    public static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    public override TimeSpan Origin => origin;

    public override TimeSpan? Place(TimeSpan pts, CancellationToken token)
    {
        var time = origin + offset + pts;
        for (var left = time - clock.Now; left > TimeSpan.Zero; left = time - clock.Now)
        {
            if (token.WaitHandle.WaitOne(left < Step ? left : Step))
            {
                token.ThrowIfCancellationRequested();
            }
        }

        return time;
    }
}

/// <summary>A live sender's time, mapped to the engine's clock.</summary>
internal sealed class LiveTimeline(IClock clock, Counters counters, TimeSpan origin) : Timeline
{
    private readonly TimestampMapper _mapper = new();
    private readonly Counter _jumps = counters["media.time_resets"];
    private readonly Counter _steps = counters["media.time_steps"];
    private readonly Counter _stale = counters["media.stale_skipped"];

    public override TimeSpan Origin => origin;

    public override int Epoch => _mapper.Jumps + _mapper.Steps;

    public override TimeSpan AudioSlack => TimeSpan.FromSeconds(1);

    public override TimeSpan? Place(TimeSpan pts, CancellationToken token)
    {
        var (jumps, steps) = (_mapper.Jumps, _mapper.Steps);
        var time = _mapper.Map(pts, clock.Now);
        _jumps.Add(_mapper.Jumps - jumps);
        _steps.Add(_mapper.Steps - steps);
        _stale.Add(time is null ? 1 : 0);
        return time;
    }
}

/// <summary>A sender without time stamps: what arrives is now.</summary>
internal sealed class ArrivalTimeline(IClock clock, Counters counters, TimeSpan origin) : Timeline
{
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(20), BurstLimit = TimeSpan.FromSeconds(1);
    private readonly Counter _stale = counters["media.stale_skipped"];
    private TimeSpan? _begun, _last;
    private bool _settled;

    public override TimeSpan Origin => origin;

    public override TimeSpan? Place(TimeSpan pts, CancellationToken token)
    {
        // What ffmpeg looked at to recognise the stream comes at once; those pictures are older than they seem.
        var now = clock.Now;
        _begun ??= now;
        _settled |= now - _last > Burst || now - _begun > BurstLimit;
        _last = now;
        _stale.Add(_settled ? 0 : 1);
        return _settled ? now : null;
    }
}
