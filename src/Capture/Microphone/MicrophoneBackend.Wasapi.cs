#pragma warning disable CA1416 // Built on this system only: see the project file.
using System.Diagnostics;
using NAudio.CoreAudioApi;
using NAudio.Wave;

namespace RealtimeSsl.Capture.Microphone;

/// <summary>Microphones through WASAPI. This file is built on Windows.</summary>
internal static class MicrophoneBackend
{
    /// <summary>Names and descriptions of the microphones, as <c>--microphone</c> takes them.</summary>
    public static IReadOnlyList<(string Name, string Description)> List()
    {
        using var enumerator = new MMDeviceEnumerator();
        return [.. enumerator.EnumerateAudioEndPoints(DataFlow.Capture, DeviceState.Active).Select(d => (d.FriendlyName, d.ID))];
    }

    /// <summary>Opens a microphone.</summary>
    /// <param name="device">A name of the list, or its beginning; <c>default</c> takes the system's own choice.</param>
    /// <param name="rate">Hz.</param>
    /// <param name="channels">1 or more.</param>
    public static IWaveIn Open(string device, int rate, int channels)
    {
        using var enumerator = new MMDeviceEnumerator();
        var endpoint = device == "default"
            ? enumerator.GetDefaultAudioEndpoint(DataFlow.Capture, Role.Multimedia)
            : enumerator.EnumerateAudioEndPoints(DataFlow.Capture, DeviceState.Active)
                .FirstOrDefault(d => d.FriendlyName.StartsWith(device, StringComparison.OrdinalIgnoreCase) || d.ID == device)
                ?? throw new InvalidOperationException("no such device");
        return new WasapiMicrophone(endpoint, WaveFormat.CreateIeeeFloatWaveFormat(rate, channels));
    }

    /// <summary>NAudio's recorder is no <see cref="IWaveIn"/>; this makes it one, and takes the age of the sound from the capture stamps of the driver.</summary>
    private sealed class WasapiMicrophone : IWaveIn, IWaveLatency
    {
        private readonly WasapiRecorder _recorder;
        private byte[] _buffer = [];

        public WasapiMicrophone(MMDevice device, WaveFormat format)
        {
            WaveFormat = format;
            _recorder = new WasapiRecorderBuilder().WithDevice(device).WithSharedMode().WithEventSync().WithBufferLength(20).WithFormat(format).Build();
            _recorder.DataAvailable += (data, _, _, qpc) =>
            {
                // The driver stamps the first sample, in units of 100 ns of the performance counter.
                var age = Stopwatch.GetElapsedTime(0, Stopwatch.GetTimestamp()) - TimeSpan.FromTicks(qpc);
                CurrentLatency = age - TimeSpan.FromSeconds((double)data.Length / WaveFormat.AverageBytesPerSecond);
                if (_buffer.Length < data.Length)
                {
                    _buffer = new byte[data.Length];
                }

                data.CopyTo(_buffer);
                DataAvailable?.Invoke(this, new WaveInEventArgs(_buffer, data.Length));
            };
            _recorder.RecordingStopped += (_, stopped) => RecordingStopped?.Invoke(this, stopped);
        }

        public event EventHandler<WaveInEventArgs>? DataAvailable;

        public event EventHandler<StoppedEventArgs>? RecordingStopped;

        public WaveFormat WaveFormat { get; set; }

        public TimeSpan AverageLatency => _recorder.AverageLatency;

        public TimeSpan CurrentLatency { get; private set; }

        public void StartRecording() => _recorder.StartRecording();

        public void StopRecording() => _recorder.StopRecording();

        public void Dispose() => _recorder.Dispose();
    }
}
