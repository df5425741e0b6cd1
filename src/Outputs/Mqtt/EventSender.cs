using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Brings the queue of events to the broker: QoS 1, one at a time, the next only when the broker has the one before. So the order is kept, and only the one
/// that was on its way when a connection broke can come twice. Sent ones are counted as <c>mqtt.events.sent</c>.
/// </summary>
internal sealed class EventSender : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(10);
    private readonly EventQueue _queue;
    private readonly MqttLink _link;
    private readonly string _topic;
    private readonly Counter _sent;
    private readonly SemaphoreSlim _more = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    /// <summary>Makes it and starts sending.</summary>
    public EventSender(EventQueue queue, MqttLink link, string topic, Counters counters)
    {
        (_queue, _link, _topic, _sent) = (queue, link, topic, counters["mqtt.events.sent"]);
        _work = Task.Run(WorkAsync, CancellationToken.None);
    }

    /// <summary>Adds a message; does not wait for the network.</summary>
    public void Post(ReadOnlySpan<byte> message)
    {
        _queue.Add(message);
        if (_more.CurrentCount == 0)
        {
            _more.Release();
        }
    }

    /// <summary>Waits until all are sent, if the broker is there, within the limit. What is left is sent by the next run.</summary>
    public async Task FlushAsync(TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        while (_queue.Count > 0 && _link.IsOnline && !late.IsCancellationRequested)
        {
            await Task.Delay(5, late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stop.Dispose();
        _more.Dispose();
    }

    private async Task WorkAsync()
    {
        var pause = Look;
        try
        {
            while (true)
            {
                if (!_link.IsOnline || !_queue.TryPeek(out var number, out var message))
                {
                    await _more.WaitAsync(Look, _stop.Token).ConfigureAwait(false);
                    continue;
                }

                if (await _link.TellAsync(_topic, message).ConfigureAwait(false))
                {
                    _queue.Remove(number);
                    _sent.Add();
                    pause = Look;
                    continue;
                }

                // The link broke, or the broker refuses (which the link has said): the message stays the first.
                await Task.Delay(pause, _stop.Token).ConfigureAwait(false);
                pause = !_link.IsOnline ? Look : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
