namespace RealtimeSsl.Pipeline;

/// <summary>
/// Gives detections stable ids: greedy matching, best score first, by overlap or by the peaks' distance; birth after a short confirmation, death
/// by the source's own clock, so that a track ends within half a second of its sound whatever the frame rate.
/// </summary>
public sealed class Tracker(TrackerSettings settings)
{
    private volatile TrackerSettings _settings = settings;
    private readonly List<Track> _tracks = [];
    private TimeSpan _last;
    private int _nextId = 1;

    /// <summary>Limits; others hold from the next frame on.</summary>
    public TrackerSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>Tracks shown so far.</summary>
    public int Born => _nextId - 1;

    /// <summary>Replaces the detections of one frame by the tracks that are alive and to be shown, highest score first.</summary>
    /// <param name="sources">In: detections, highest score first. Out: tracks with id, smoothed box and age.</param>
    /// <param name="time">The frame's time.</param>
    /// <param name="silent">Whether nothing sounds at all: then nothing coasts.</param>
    public void Update(List<SoundSource> sources, TimeSpan time, bool silent)
    {
        var step = (time - _last).TotalSeconds;
        _last = time;
        if (step < 0)
        {
            // The source's time stepped back (it restarted): nothing of what we know is about this.
            _tracks.Clear();
            step = 0;
        }

        var keep = (float)(_settings.SmoothingSeconds > 0 ? Math.Exp(-step / _settings.SmoothingSeconds) : 0);
        foreach (var track in _tracks)
        {
            track.Matched = false;
        }

        foreach (var detection in sources)
        {
            Match(detection, time, keep);
        }

        sources.Clear();
        for (var i = _tracks.Count - 1; i >= 0; i--)
        {
            var track = _tracks[i];
            var unseen = (time - track.LastSeen).TotalSeconds;
            if (unseen > _settings.DeathSeconds)
            {
                _tracks.RemoveAt(i);
                continue;
            }

            if (track.Id == 0 && track.Matched && (time - track.Since).TotalSeconds >= _settings.BirthSeconds)
            {
                track.Id = _nextId++;
            }

            if (track.Id > 0 && (track.Matched || (!silent && unseen <= _settings.CoastSeconds)))
            {
                Insert(sources, track.Source with { Id = track.Id, Age = (time - track.Since).TotalSeconds });
            }
        }
    }

    /// <summary>Ends all tracks: the source was cut. Ids are not used again.</summary>
    public void Reset() => _tracks.Clear();

    private void Match(in SoundSource detection, TimeSpan time, float keep)
    {
        Track? best = null;
        var bestAffinity = 0.0;
        foreach (var track in _tracks)
        {
            if (!track.Matched && track.Source.Label == detection.Label && Affinity(track.Source, detection) is var affinity && affinity > bestAffinity)
            {
                (best, bestAffinity) = (track, affinity);
            }
        }

        if (best is null)
        {
            _tracks.Add(new Track { Source = detection, Since = time, LastSeen = time, Matched = true });
            return;
        }

        best.Source = detection with
        {
            Box = Blend(best.Source.Box, detection.Box, keep),
            PeakX = Mix(best.Source.PeakX, detection.PeakX, keep),
            PeakY = Mix(best.Source.PeakY, detection.PeakY, keep),
        };
        (best.LastSeen, best.Matched) = (time, true);
    }

    private double Affinity(in SoundSource a, in SoundSource b)
    {
        var iou = a.Box.IoU(b.Box);
        var (dx, dy) = (a.PeakX - b.PeakX, a.PeakY - b.PeakY);
        var distance = Math.Sqrt(dx * dx + dy * dy);
        return iou >= _settings.MinIou ? 1 + iou
            : distance <= _settings.MaxDistance ? 1 - distance
            : 0;
    }

    private static void Insert(List<SoundSource> sources, in SoundSource source)
    {
        var at = sources.Count;
        while (at > 0 && (sources[at - 1].Score < source.Score || (sources[at - 1].Score == source.Score && sources[at - 1].Id > source.Id)))
        {
            at--;
        }

        sources.Insert(at, source);
    }

    private static float Mix(float old, float now, float keep) => keep * old + (1 - keep) * now;

    private static Box Blend(Box old, Box now, float keep) =>
        new(Mix(old.X1, now.X1, keep), Mix(old.Y1, now.Y1, keep), Mix(old.X2, now.X2, keep), Mix(old.Y2, now.Y2, keep));

    private sealed class Track
    {
        public int Id { get; set; }

        public SoundSource Source { get; set; }

        public TimeSpan Since { get; init; }

        public TimeSpan LastSeen { get; set; }

        public bool Matched { get; set; }
    }
}
