using System.Buffers;
using System.Threading.Channels;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Messages that are worth something only while they are new (frames, heatmaps): QoS 0, a short queue where the newest wins
/// (<c>mqtt.dropped.newest_wins</c>), nothing kept while the broker is away (<c>mqtt.dropped.offline</c>). Putting one in never waits for the network.
/// </summary>
internal sealed class Outbox : IAsyncDisposable
{
    private readonly MqttLink _link;
    private readonly Channel<(string Topic, byte[] Bytes, int Length)> _waiting;
    private readonly Counter _sent;
    private readonly Counter _offline;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    /// <summary>Makes it and starts sending.</summary>
    /// <param name="link">Where to.</param>
    /// <param name="depth">How many may wait.</param>
    /// <param name="counters">Where messages are counted; sent ones as <c>mqtt.sent</c>.</param>
    public Outbox(MqttLink link, int depth, Counters counters)
    {
        _link = link;
        (_sent, _offline) = (counters["mqtt.sent"], counters["mqtt.dropped.offline"]);
        var displaced = counters["mqtt.dropped.newest_wins"];
        _waiting = Channel.CreateBounded<(string Topic, byte[] Bytes, int Length)>(
            new BoundedChannelOptions(depth) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            old =>
            {
                displaced.Add();
                ArrayPool<byte>.Shared.Return(old.Bytes);
            });
        _work = Task.Run(SendAsync, CancellationToken.None);
    }

    /// <summary>Puts a copy of the message in.</summary>
    public void Post(string topic, ReadOnlySpan<byte> message)
    {
        if (!_link.IsOnline)
        {
            _offline.Add();
            return;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(bytes);
        if (!_waiting.Writer.TryWrite((topic, bytes, message.Length)))
        {
            _offline.Add();
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Sends what waits, within the limit.</summary>
    public async Task FlushAsync(TimeSpan limit)
    {
        _waiting.Writer.TryComplete();
        _stop.CancelAfter(limit);
        await _work.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await FlushAsync(TimeSpan.Zero).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var (topic, bytes, length) in _waiting.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                var sent = await _link.TrySendAsync(topic, bytes.AsMemory(0, length), _stop.Token).ConfigureAwait(false);
                (sent ? _sent : _offline).Add();

                // Not to the pool if it failed: the library may still read it.
                if (sent)
                {
                    ArrayPool<byte>.Shared.Return(bytes);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            while (_waiting.Reader.TryRead(out _))
            {
                _offline.Add();
            }
        }
    }
}
