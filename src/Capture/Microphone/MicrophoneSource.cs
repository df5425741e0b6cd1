using System.Threading.Channels;
using NAudio.Wave;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Microphone;

/// <summary>Which microphone, and what to ask of it.</summary>
public sealed record MicrophoneOptions
{
    /// <summary>A name that the device list gives; <c>default</c> takes the system's own choice.</summary>
    public string Device { get; init; } = "default";

    /// <summary>Sample rate in Hz.</summary>
    public int Rate { get; init; } = 48000;

    /// <summary>Channels; 0 takes two, or one if the device has no two.</summary>
    public int Channels { get; init; }
}

/// <summary>
/// A microphone through NAudio. Samples are stamped with when they were heard, by the device's own sample count (<see cref="SampleClock"/>), whose
/// drift against the engine's clock is known. A device that breaks or falls silent for good (no data at all, not quiet) is opened again with
/// growing patience. Counted: <c>mic.relocks</c>, <c>mic.reconnects</c>, <c>mic.stalls</c>.
/// </summary>
public sealed class MicrophoneSource : IAudioSource
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly MicrophoneOptions _options;
    private readonly SourceContext _context;
    private readonly Func<string, int, int, IWaveIn> _open;
    private readonly AudioBlockPool _pool = new();
    private readonly PolicyChannel<AudioBlock> _blocks;
    private readonly CancellationTokenSource _stop = new();
    private readonly Counter _relocks, _reconnects, _stalls;
    private readonly RateLimitedLog _log;
    private Task _work = Task.CompletedTask;
    private MicrophoneSession? _session;
    private SampleClock _clock = new(48000);
    private long _position;
    private long _lastHeard;

    private MicrophoneSource(MicrophoneOptions options, SourceContext context, Func<string, int, int, IWaveIn> open)
    {
        (_options, _context, _open) = (options, context, open);
        _blocks = new PolicyChannel<AudioBlock>("audio", new DeliveryPolicy.LatestOnly(256), context.Clock, context.Counters);
        (_relocks, _reconnects, _stalls) = (context.Counters["mic.relocks"], context.Counters["mic.reconnects"], context.Counters["mic.stalls"]);
        _log = new RateLimitedLog(context.Log, context.Clock, TimeSpan.FromSeconds(10));
    }

    /// <inheritdoc/>
    public AudioInfo Info { get; private set; } = null!;

    /// <inheritdoc/>
    public ChannelReader<AudioBlock> Blocks => _blocks;

    /// <inheritdoc/>
    public double DriftPpm => _clock.DriftPpm;

    /// <summary>Opens a microphone and starts it.</summary>
    /// <exception cref="SourceException">It is not there, is busy, or does not deliver what was asked for; the message lists those that are there.</exception>
    public static MicrophoneSource Open(MicrophoneOptions options, SourceContext context) => Open(options, context, MicrophoneBackend.Open);

    /// <summary>The same over any way to open a device.</summary>
    internal static MicrophoneSource Open(MicrophoneOptions options, SourceContext context, Func<string, int, int, IWaveIn> open)
    {
        var source = new MicrophoneSource(options, context, open);
        try
        {
            source._session = source.Begin();
        }
        catch (Exception e)
        {
            source._stop.Dispose();
            throw new SourceException($"microphone '{options.Device}': {e.Message.TrimEnd('.')}; {DeviceList.MicrophoneHint()}", e);
        }

        var format = source._session.Format;
        source.Info = new AudioInfo($"microphone {options.Device}", format.SampleRate, format.Channels, true);
        source._work = Task.Run(source.WatchAsync);
        return source;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _blocks.Drain();
        _stop.Dispose();
    }

    private MicrophoneSession Begin()
    {
        if (_options.Channels > 0)
        {
            return Begin(_options.Channels);
        }

        try
        {
            return Begin(2);
        }
        catch (Exception e) when (e is not SourceException)
        {
            // Many microphones have one channel; if that fails too, its error is the one that counts.
            return Begin(1);
        }
    }

    private MicrophoneSession Begin(int channels)
    {
        var device = _open(_options.Device, _options.Rate, channels);
        if (!SampleFormat.Supports(device.WaveFormat))
        {
            using (device)
            {
                throw new SourceException($"delivers {device.WaveFormat}, which is not supported");
            }
        }

        _clock = new SampleClock(device.WaveFormat.SampleRate);
        Volatile.Write(ref _lastHeard, _context.Clock.Now.Ticks);
        return new MicrophoneSession(device, OnHeard);
    }

    private void OnHeard(MicrophoneSession session, ReadOnlySpan<byte> bytes)
    {
        var now = _context.Clock.Now;
        Volatile.Write(ref _lastHeard, now.Ticks);
        var format = session.Format;
        var length = bytes.Length / format.BlockAlign;
        if (length == 0)
        {
            return;
        }

        var block = _pool.Rent(length, format.Channels, format.SampleRate);
        SampleFormat.Convert(bytes[..(length * format.BlockAlign)], format, block.Samples);
        if (!_clock.Update(_position + length, now - session.Latency))
        {
            _relocks.Add();
            _log.Warn($"{Info?.Name ?? _options.Device}: the stamps leapt; sound was lost, or the machine stood still");
        }

        _blocks.TryWrite(block.Stamp(_position, _clock.TimeOf(_position), now));
        _position += length;
    }

    /// <summary>Keeps a device open for as long as the source lives.</summary>
    private async Task WatchAsync()
    {
        var pause = FirstPause;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                if (_session is { } session && await AliveAsync(session).ConfigureAwait(false))
                {
                    pause = FirstPause;
                    continue;
                }

                if (_session is { } broken)
                {
                    _session = null;
                    await broken.DisposeAsync().ConfigureAwait(false);
                }

                await Task.Delay(pause, _stop.Token).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                Reopen();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        finally
        {
            if (_session is { } last)
            {
                await last.DisposeAsync().ConfigureAwait(false);
            }

            _blocks.Complete();
        }
    }

    /// <summary>Looks after a session for a moment; false when it has ended or stalled.</summary>
    private async Task<bool> AliveAsync(MicrophoneSession session)
    {
        var ended = await Task.WhenAny(session.Stopped, Task.Delay(200, _stop.Token)).ConfigureAwait(false) == session.Stopped;
        _stop.Token.ThrowIfCancellationRequested();
        if (ended)
        {
            var error = await session.Stopped.ConfigureAwait(false);
            _log.Warn($"{Info.Name} stopped{(error is null ? "" : $": {error.Message}")}; opening it again");
            return false;
        }

        if (_context.Clock.Now - TimeSpan.FromTicks(Volatile.Read(ref _lastHeard)) > StallLimit)
        {
            _stalls.Add();
            _log.Warn($"{Info.Name} delivers nothing for {StallLimit.TotalSeconds:0} s; opening it again");
            return false;
        }

        return true;
    }

    private void Reopen()
    {
        try
        {
            // What was lost meanwhile is a hole in the sample count, so that nobody takes the next sample for the one that follows.
            var lost = _context.Clock.Now - TimeSpan.FromTicks(Volatile.Read(ref _lastHeard));
            _session = Begin();
            _position += (long)(lost.TotalSeconds * Info.Rate);
            _reconnects.Add();
            _context.Log.Info($"{Info.Name} is back");
        }
        catch (Exception e)
        {
            _log.Warn($"{Info.Name} cannot be opened: {e.Message}");
        }
    }
}
