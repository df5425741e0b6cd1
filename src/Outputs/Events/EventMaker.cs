using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Makes events of tracks: one begins with a track's first frame, is told again every second while it lasts, and ends when the track has not
/// been seen for longer than a track may pause. A stage for any sink that tells of events (events.jsonl, MQTT, recordings by event): each has
/// its own and sees the same ones, also if it left frames out. Not thread-safe.
/// </summary>
public sealed class EventMaker(StreamInfo stream)
{
    /// <summary>How often a lasting event is told again, on the source's timeline.</summary>
    public static readonly TimeSpan UpdateEvery = TimeSpan.FromSeconds(1);

    /// <summary>A track that is not seen for this long has ended: more than the tracker keeps one, so that none ends twice.</summary>
    public static readonly TimeSpan EndAfter = TimeSpan.FromSeconds(0.6);

    /// <summary>How much of the time before an event is told with it.</summary>
    public static readonly TimeSpan ContextLength = TimeSpan.FromSeconds(3);

    private readonly string _run = stream.Started.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
    private readonly Dictionary<int, Open> _open = [];
    private readonly List<int> _ended = [];
    private readonly List<TrackEvent> _told = [];
    private readonly Queue<(TimeSpan Time, double? Dbfs, double Presence)> _history = new();
    private TimeSpan _now = TimeSpan.MinValue;
    private TimeSpan _nextEntry = TimeSpan.MinValue;

    /// <summary>How many last.</summary>
    public int Lasting => _open.Count;

    /// <summary>Takes the next localization.</summary>
    /// <returns>What there is to tell, usually nothing; valid until the next call.</returns>
    public IReadOnlyList<TrackEvent> Add(Localization found)
    {
        _told.Clear();
        if (found.Time < _now)
        {
            // The source began anew: nothing of what lasted is seen any more.
            EndAll();
            _history.Clear();
            _nextEntry = TimeSpan.MinValue;
        }

        _now = found.Time;
        for (var i = 0; i < found.Sources.Count; i++)
        {
            See(found, found.Sources[i]);
        }

        EndUnseen();
        Remember(found);
        return _told;
    }

    /// <summary>Ends all that last: the run is over.</summary>
    /// <returns>Their ends.</returns>
    public IReadOnlyList<TrackEvent> Finish()
    {
        _told.Clear();
        EndAll();
        return _told;
    }

    private void See(Localization found, in SoundSource source)
    {
        var dbfs = found.Audio?.Dbfs;
        if (!_open.TryGetValue(source.Id, out var open))
        {
            // A track is shown once it is sure; it began before.
            var age = TimeSpan.FromSeconds(source.Age);
            open = new Open(new TrackState($"{_run}-{source.Id}", source.Id, found.Time - age, found.Time)
            {
                StartedAt = found.CapturedAt - age,
                StartMediaTime = found.MediaTime - source.Age,
                Seq = (found.Seq, found.Seq),
            });
            _open.Add(source.Id, open);
        }

        open.CapturedAt = found.CapturedAt;
        open.See(found, source, dbfs);
        if (open.Told is null)
        {
            Tell(TrackEventType.New, open, Context(open.First.Start));
        }
        else if (found.Time - open.Told.Last >= UpdateEvery || source.Label != open.Told.Label)
        {
            Tell(TrackEventType.Update, open, null);
        }
    }

    private void Tell(TrackEventType type, Open open, EventContext? context)
    {
        var now = open.State() with { EndedAt = type == TrackEventType.End ? open.CapturedAt : null };
        _told.Add(new TrackEvent(type, open.Told, now, context));
        open.Told = now;
    }

    private void EndUnseen()
    {
        foreach (var (track, open) in _open)
        {
            if (_now - open.Last > EndAfter)
            {
                _ended.Add(track);
                Tell(TrackEventType.End, open, null);
            }
        }

        foreach (var track in _ended)
        {
            _open.Remove(track);
        }

        _ended.Clear();
    }

    private void EndAll()
    {
        foreach (var open in _open.Values)
        {
            Tell(TrackEventType.End, open, null);
        }

        _open.Clear();
    }

    private void Remember(Localization found)
    {
        if (found.Time < _nextEntry)
        {
            return;
        }

        _nextEntry = found.Time + TimeSpan.FromSeconds(EventContext.Step);
        _history.Enqueue((found.Time, found.Audio?.Dbfs, found.Presence));
        while (found.Time - _history.Peek().Time > ContextLength + EndAfter)
        {
            _history.Dequeue();
        }
    }

    private EventContext Context(TimeSpan start)
    {
        var before = _history.Where(h => h.Time < start && start - h.Time <= ContextLength).ToList();
        return new EventContext(
            [.. before.Select(h => (h.Time - start).TotalSeconds)], [.. before.Select(h => h.Dbfs)], [.. before.Select(h => h.Presence)]);
    }

    // What changes with every frame, without garbage; a state is made of it only when there is something to tell.
    private sealed class Open(TrackState first)
    {
        private SoundSource _source;
        private float _best;
        private double? _dbfs, _peakDbfs, _mediaTime;
        private long _lastSeq;
        private int _frames;
        private (int, int) _resolution;

        public TrackState First => first;

        public TrackState? Told { get; set; }

        public TimeSpan Last { get; private set; }

        public DateTime CapturedAt { get; set; }

        public void See(Localization found, in SoundSource source, double? dbfs)
        {
            (_source, Last, _mediaTime, _lastSeq, _dbfs) = (source, found.Time, found.MediaTime, found.Seq, dbfs);
            _best = Math.Max(_best, source.Score);
            _peakDbfs = dbfs is { } now && !(now < _peakDbfs) ? now : _peakDbfs;
            _resolution = (found.Frame.Width, found.Frame.Height);
            _frames++;
        }

        public TrackState State() => first with
        {
            Last = Last,
            Label = _source.Label,
            Score = _source.Score,
            BestScore = _best,
            Box = _source.Box,
            Peak = (_source.PeakX, _source.PeakY),
            MediaTime = _mediaTime,
            Seq = (first.Seq.First, _lastSeq),
            Frames = _frames,
            Dbfs = _dbfs,
            PeakDbfs = _peakDbfs,
            Resolution = _resolution,
        };
    }
}
