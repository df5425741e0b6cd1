namespace RealtimeSsl.Outputs;

/// <summary>
/// Frames per second over the last seconds: of the source (its own numbers count what was dropped, too) and of the engine. When nothing comes any
/// more, the rates sink to 0 by themselves.
/// </summary>
internal sealed class FrameRate
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250), Span = TimeSpan.FromSeconds(2.5);
    private readonly Queue<(TimeSpan At, long In, long Done)> _marks = new();
    private (TimeSpan At, long In, long Done) _last;

    /// <summary>Takes a localization into account.</summary>
    /// <param name="now">When it came.</param>
    /// <param name="frame">The source's number of its frame.</param>
    /// <param name="seq">Its own number.</param>
    public void Add(TimeSpan now, long frame, long seq)
    {
        if (frame < _last.In)
        {
            // The source began anew.
            _marks.Clear();
        }

        if (_marks.Count == 0 || now - _last.At >= Step)
        {
            _marks.Enqueue((now, frame, seq));
            _last = (now, frame, seq);
        }

        (_last.In, _last.Done) = (frame, seq);
    }

    /// <summary>Frames per second into the engine and out of it.</summary>
    public (double In, double Done) At(TimeSpan now)
    {
        while (_marks.Count > 1 && now - _marks.Peek().At > Span)
        {
            _marks.Dequeue();
        }

        if (_marks.Count == 0 || now <= _marks.Peek().At)
        {
            return (0, 0);
        }

        var first = _marks.Peek();
        var seconds = (now - first.At).TotalSeconds;
        return ((_last.In - first.In) / seconds, (_last.Done - first.Done) / seconds);
    }
}
