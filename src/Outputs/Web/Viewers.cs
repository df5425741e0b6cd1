using System.Net.WebSockets;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>All who watch. One writer (the sink's worker) shows pictures; viewers come and go on threads of their own.</summary>
internal sealed class Viewers(IClock clock, Counters counters)
{
    private readonly Lock _gate = new();
    private Viewer[] _all = [];
    private byte[]? _ended;

    /// <summary>How many watch.</summary>
    public int Count => Volatile.Read(ref _all).Length;

    /// <summary>Serves one viewer until it leaves, the run ends, or the connection breaks.</summary>
    /// <param name="socket">Its connection.</param>
    /// <param name="hello">What it is told first.</param>
    /// <param name="window">How many pictures may be under way before it answers; 0 for as many as its connection takes.</param>
    /// <param name="token">Ends it at once.</param>
    public async Task ServeAsync(WebSocket socket, byte[] hello, int window, CancellationToken token)
    {
        using var viewer = new Viewer(socket, window, clock, counters);
        lock (_gate)
        {
            _all = [.. _all, viewer];
            if (_ended is { } ended)
            {
                viewer.End(ended);
            }
        }

        try
        {
            await viewer.RunAsync(hello, token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _all = [.. _all.Where(v => v != viewer)];
            }

            viewer.Leave();
        }
    }

    /// <summary>Hands the picture to everybody; never waits.</summary>
    public void Show(PagePicture picture)
    {
        foreach (var viewer in Volatile.Read(ref _all))
        {
            viewer.Show(picture);
        }
    }

    /// <summary>Tells everybody, now and later, that the run is over; returns when all have taken leave or the token says so.</summary>
    public async Task EndAsync(byte[] message, CancellationToken token)
    {
        Viewer[] all;
        lock (_gate)
        {
            _ended = message;
            all = _all;
            foreach (var viewer in all)
            {
                viewer.End(message);
            }
        }

        try
        {
            await Task.WhenAll(all.Select(v => v.Left)).WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            counters["web.viewer.cut_off"].Add(all.Count(v => !v.Left.IsCompleted));
        }
    }
}
