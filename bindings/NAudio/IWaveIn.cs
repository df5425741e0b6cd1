namespace NAudio.Wave;

/// <summary>A microphone, or anything that records: events come on the recorder's own thread.</summary>
public interface IWaveIn : IDisposable
{
    /// <summary>What is recorded; to be set before <see cref="StartRecording"/>.</summary>
    WaveFormat WaveFormat { get; set; }

    void StartRecording();

    void StopRecording();

    event EventHandler<WaveInEventArgs>? DataAvailable;

    /// <summary>Comes once for each start, with what ended the recording, if that was an error.</summary>
    event EventHandler<StoppedEventArgs>? RecordingStopped;
}

/// <summary>How old samples are when they are delivered.</summary>
public interface IWaveLatency
{
    /// <summary>The steady value that follows from the buffer sizes.</summary>
    TimeSpan AverageLatency { get; }

    /// <summary>The value at this instant, or the average where the device cannot tell.</summary>
    TimeSpan CurrentLatency { get; }
}

/// <summary>One chunk of recorded bytes. The buffer is used again after the handler returns.</summary>
public class WaveInEventArgs : EventArgs
{
    public WaveInEventArgs(byte[] buffer, int bytes)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Buffer = buffer;
        BytesRecorded = bytes;
    }

    /// <summary>May be longer than what was recorded.</summary>
    public byte[] Buffer { get; }

    public int BytesRecorded { get; }

    public ReadOnlySpan<byte> BufferSpan => Buffer.AsSpan(0, BytesRecorded);
}

/// <summary>Why a recording ended.</summary>
public class StoppedEventArgs(Exception? exception = null) : EventArgs
{
    /// <summary>Null when the recording was asked to stop.</summary>
    public Exception? Exception { get; } = exception;
}
