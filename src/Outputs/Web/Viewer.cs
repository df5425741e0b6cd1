using System.Net.WebSockets;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// One viewer: a slot for the newest picture and a loop that sends it. What the viewer is too slow for is replaced in the slot and counted.
/// A connection alone is no measure of slowness, its buffers hold seconds of pictures; so the page answers each picture with an empty message, and no
/// more than a window of them is under way: what is shown stays fresh on the slowest machine.
/// </summary>
internal sealed class Viewer : IDisposable
{
    private readonly WebSocket _socket;
    private readonly PolicyChannel<PagePicture> _slot;
    private readonly SemaphoreSlim? _credit;
    private readonly int _window;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _goodbye = [];

    /// <summary>A viewer on an open connection.</summary>
    public Viewer(WebSocket socket, int window, IClock clock, Counters counters)
    {
        (_socket, _window) = (socket, window);
        _slot = new PolicyChannel<PagePicture>("web.viewer", new DeliveryPolicy.LatestOnly(), clock, counters);
        _credit = window > 0 ? new SemaphoreSlim(window) : null;
    }

    /// <summary>Done when it has left.</summary>
    public Task Left => _left.Task;

    /// <summary>Puts the picture into its slot; never waits.</summary>
    public void Show(PagePicture picture)
    {
        picture.Retain();
        _slot.TryWrite(picture);
    }

    /// <summary>Nothing comes any more but this message and a farewell.</summary>
    public void End(byte[] message)
    {
        _goodbye = message;
        _slot.Complete();
        _credit?.Release();
    }

    /// <summary>Serves it to its end.</summary>
    public async Task RunAsync(byte[] hello, CancellationToken token)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(token);
        var listening = ListenAsync(gone);
        try
        {
            await _socket.SendAsync(hello, WebSocketMessageType.Text, true, gone.Token).ConfigureAwait(false);
            await SendPicturesAsync(gone.Token).ConfigureAwait(false);
            if (_goodbye.Length > 0)
            {
                await _socket.SendAsync(_goodbye, WebSocketMessageType.Text, true, gone.Token).ConfigureAwait(false);
            }

            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "ended", gone.Token).ConfigureAwait(false);
            await listening.ConfigureAwait(false);
        }
        catch (Exception e) when (IsFarewell(e))
        {
            await AnswerCloseAsync(token).ConfigureAwait(false);
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await listening.ConfigureAwait(false);
        }
    }

    /// <summary>Gives back what waits for it.</summary>
    public void Leave()
    {
        _slot.Drain();
        _left.TrySetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _credit?.Dispose();

    private async Task SendPicturesAsync(CancellationToken token)
    {
        while (await _slot.WaitToReadAsync(token).ConfigureAwait(false))
        {
            if (_credit is not null)
            {
                await _credit.WaitAsync(token).ConfigureAwait(false);
            }

            // Only now: while it was busy, newer ones may have come.
            if (_slot.TryRead(out var picture))
            {
                using (picture)
                {
                    await _socket.SendAsync(picture.Head.WrittenMemory, WebSocketMessageType.Binary, false, token).ConfigureAwait(false);
                    await _socket.SendAsync(picture.Jpeg, WebSocketMessageType.Binary, true, token).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Each message is an answer to a picture; its content does not matter. Cancels everything when the viewer is gone.</summary>
    private async Task ListenAsync(CancellationTokenSource gone)
    {
        var buffer = new byte[256];
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveAsync(buffer, gone.Token).ConfigureAwait(false);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                if (got.EndOfMessage && _credit?.CurrentCount < _window)
                {
                    _credit.Release();
                }
            }
        }
        catch (Exception e) when (IsFarewell(e))
        {
            // The connection broke: the same as leaving.
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }

    private async Task AnswerCloseAsync(CancellationToken token)
    {
        if (_socket.State == WebSocketState.CloseReceived)
        {
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, token).ConfigureAwait(false);
            }
            catch (Exception e) when (IsFarewell(e))
            {
                // It did not wait for an answer.
            }
        }
    }

    /// <summary>That a viewer goes, or the server stops, is no error.</summary>
    private static bool IsFarewell(Exception e) => e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException;
}
