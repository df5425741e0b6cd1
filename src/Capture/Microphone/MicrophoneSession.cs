using NAudio.Wave;

namespace RealtimeSsl.Capture.Microphone;

/// <summary>
/// One opening of a device, from start to stop. Stopping is a request: it is made from inside the device's own handler, since ALSA's Pulse plugin
/// never wakes a thread that waits for sound when another one stops the stream; what does not stop in time is left behind on a thread of its own.
/// </summary>
internal sealed class MicrophoneSession : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private readonly IWaveIn _device;
    private readonly Action<MicrophoneSession, ReadOnlySpan<byte>> _heard;
    private readonly TaskCompletionSource<Exception?> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    /// <summary>Starts recording.</summary>
    /// <param name="device">Opened; owned by the session from here on.</param>
    /// <param name="heard">Called on the device's thread with each delivery.</param>
    public MicrophoneSession(IWaveIn device, Action<MicrophoneSession, ReadOnlySpan<byte>> heard)
    {
        (_device, _heard) = (device, heard);
        _device.DataAvailable += OnData;
        _device.RecordingStopped += (_, e) => _stopped.TrySetResult(e.Exception);
        try
        {
            _device.StartRecording();
        }
        catch
        {
            _device.Dispose();
            throw;
        }
    }

    /// <summary>What the device delivers.</summary>
    public WaveFormat Format => _device.WaveFormat;

    /// <summary>How long ago the last sample of the delivery in hand was heard, as far as the device tells.</summary>
    public TimeSpan Latency => _device is IWaveLatency latency ? latency.CurrentLatency : TimeSpan.Zero;

    /// <summary>Completes when the device has stopped; with its error if it did so by itself.</summary>
    public Task<Exception?> Stopped => _stopped.Task;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await Task.WhenAny(_stopped.Task, Task.Delay(StopPatience)).ConfigureAwait(false);
        var close = Task.Factory.StartNew(Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(close, Task.Delay(StopPatience)).ConfigureAwait(false);
    }

    private void OnData(object? sender, WaveInEventArgs e)
    {
        if (_stopping)
        {
            _device.StopRecording();
            return;
        }

        _heard(this, e.Buffer.AsSpan(0, e.BytesRecorded));
    }

    private void Close()
    {
        _device.StopRecording();
        _device.Dispose();
    }
}
