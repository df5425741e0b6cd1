namespace RealtimeSsl.Pipeline;

/// <summary>
/// One sink with its own channel and its own worker: what it does with its time is nobody else's. Its drops are counted as
/// <c>sink.NAME.dropped.*</c>, its exceptions as <c>sink.NAME.errors</c>.
/// </summary>
internal sealed class SinkWorker : IDisposable
{
    private readonly ISink _sink;
    private readonly PolicyChannel<Carrier> _channel;
    private readonly Counter _errors;
    private readonly RateLimitedLog _log;
    private readonly bool _wait;
    private readonly CancellationTokenSource _abandon = new();
    private Task _work = Task.CompletedTask;

    /// <summary>Makes the worker; <see cref="StartAsync"/> starts it.</summary>
    public SinkWorker(ISink sink, bool live, IClock clock, Counters counters, ILog log)
    {
        _sink = sink;
        var policy = sink.Policy(live);
        _channel = new PolicyChannel<Carrier>($"sink.{sink.Name}", policy, clock, counters);
        _errors = counters[$"sink.{sink.Name}.errors"];
        counters.Offer($"sink.{sink.Name}.queue", () => _channel.Count);
        _log = new RateLimitedLog(log, clock, TimeSpan.FromSeconds(10));

        // Only a file waits for its sinks; a live picture never does, it is dropped and counted instead.
        _wait = !live && policy is DeliveryPolicy.Lossless;
    }

    /// <summary>Whether the sink takes sound.</summary>
    public bool TakesAudio => _sink is IAudioSink;

    /// <summary>Starts the sink; an exception is the run's.</summary>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        await _sink.StartAsync(stream, token).ConfigureAwait(false);
        _work = Task.Run(WorkAsync, CancellationToken.None);
    }

    /// <summary>Hands an item over, with a reference of its own.</summary>
    public async ValueTask PostAsync(Carrier item, CancellationToken token)
    {
        item.Retain();
        if (_wait)
        {
            await _channel.WriteAsync(item, token).ConfigureAwait(false);
        }
        else
        {
            _channel.TryWrite(item);
        }
    }

    /// <summary>Closes the channel and lets the sink work off what waits, within the time given for this and for <see cref="FinishAsync"/>.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        _channel.Complete();
        _abandon.CancelAfter(limit);
        try
        {
            await _work.ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            Report($"did not keep up, and {_channel.Count} items are lost", e);
        }
    }

    /// <summary>Lets the sink finish.</summary>
    public async Task FinishAsync(RunSummary summary)
    {
        try
        {
            await _sink.FinishAsync(summary, _abandon.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Report("did not finish", e);
        }
        finally
        {
            await _sink.DisposeAsync().ConfigureAwait(false);
            _channel.Drain();
            Dispose();
        }
    }

    /// <summary>Puts the sink away unfinished: the run never began.</summary>
    public async Task AbandonAsync()
    {
        _channel.Complete();
        await _abandon.CancelAsync().ConfigureAwait(false);
        await _work.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        await _sink.DisposeAsync().ConfigureAwait(false);
        _channel.Drain();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _abandon.Dispose();

    private async Task WorkAsync()
    {
        while (await _channel.WaitToReadAsync(_abandon.Token).ConfigureAwait(false))
        {
            while (_channel.TryRead(out var item))
            {
                try
                {
                    if (item is Localization found)
                    {
                        await _sink.WriteAsync(found, _abandon.Token).ConfigureAwait(false);
                    }
                    else if (item is AudioBlock block && _sink is IAudioSink audio)
                    {
                        await audio.WriteAsync(block, _abandon.Token).ConfigureAwait(false);
                    }
                }
                catch (Exception e) when (!_abandon.IsCancellationRequested)
                {
                    Report("failed", e);
                }
                finally
                {
                    item.Dispose();
                }
            }
        }
    }

    private void Report(string what, Exception e)
    {
        _errors.Add();
        _log.Warn($"{_sink.Name} {what}: {e.Message}");
    }
}
