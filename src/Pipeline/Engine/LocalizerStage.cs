namespace RealtimeSsl.Pipeline;

/// <summary>
/// The engine's localizer, which may become another one between two frames. A new model that knows enough answers its first frame at once; one that
/// has to watch for a while (synchrony) does so beside the old one, which answers until then. Ids, tracks and sinks notice nothing but
/// the model's name.
/// </summary>
/// <param name="first">The localizer to begin with.</param>
/// <param name="models">Where the next one comes from; null if there will be none.</param>
internal sealed class LocalizerStage(ILocalizer first, ModelSwitch? models)
{
    /// <summary>A new model that is still listening after this takes over all the same: somebody wants to see it.</summary>
    private static readonly TimeSpan LongestRehearsal = TimeSpan.FromSeconds(2);

    private readonly LocalizerOutput _tryout = new();
    private ILocalizer _current = first;

    /// <summary>The model that answered last.</summary>
    public LocalizerInfo Info => _current.Info;

    /// <summary>Localizes one frame.</summary>
    /// <param name="frame">The picture.</param>
    /// <param name="feed">The sound; null if there is none.</param>
    /// <param name="window">In: the sound for the running model. Out: for the one that answered.</param>
    /// <param name="output">Filled.</param>
    public void Localize(VideoFrame frame, AudioFeed? feed, ref AudioWindow window, LocalizerOutput output)
    {
        if (models?.Ready is not { } next || !TakeOver(next, frame, feed, ref window, output))
        {
            _current.Localize(frame, window, output);
        }
    }

    /// <summary>The source was cut.</summary>
    public void Reset()
    {
        _current.Reset();
        models?.Ready?.Localizer.Reset();
    }

    private bool TakeOver(ModelSwitch.Candidate next, VideoFrame frame, AudioFeed? feed, ref AudioWindow window, LocalizerOutput output)
    {
        try
        {
            if (next.Until is not { } until)
            {
                next.Until = until = frame.Time + LongestRehearsal;
                feed?.Follow(next);
            }

            var own = feed is not null && window.Exists ? feed.FollowersWindow(frame) : AudioWindow.None;
            next.Localizer.Localize(frame, own, _tryout);
            var left = until - frame.Time;
            if (_tryout.Why == LocalizerOutput.Listening && left > TimeSpan.Zero && left <= LongestRehearsal)
            {
                return false;
            }

            window = own;
            output.Heatmap.CopyFrom(_tryout.Heatmap);
            (output.Presence, output.Why, output.Threshold) = (_tryout.Presence, _tryout.Why, _tryout.Threshold);
            feed?.Adopt();
            _current = next.Localizer;
            models!.Accept(next);
            return true;
        }
        catch (Exception e)
        {
            feed?.Unfollow();
            models!.Refuse(next, e);
            return false;
        }
    }
}
