using System.Runtime.Versioning;

namespace NAudio.Wave.Alsa;

/// <summary>
/// Records from an ALSA PCM: a thread of its own waits for data, recovers from overruns and raises <see cref="DataAvailable"/> for each
/// period of 1024 frames. No native call blocks for longer than <see cref="WaitMilliseconds"/>, so that stopping needs no help from the
/// device.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class AlsaIn : IWaveIn, IWaveLatency
{
    private const int PeriodFrames = 1024;
    private const int Periods = 4;
    private const int WaitMilliseconds = 50;
    private const int PauseMilliseconds = 2;
    private const int MostDescriptors = 32;

    /// <summary>A device that has to be recovered this often without a single frame in between is gone.</summary>
    private const int MostRecoveries = 8;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly string device;
    private readonly LibAsound.Pcm pcm;
    private Recording? current;
    private WaveFormat waveFormat = new(44100, 16, 2);

    public AlsaIn()
        : this("default")
    {
    }

    /// <summary>Opens the device.</summary>
    /// <param name="device">A name from <see cref="AlsaDeviceEnumerator"/>, or any string that snd_pcm_open takes.</param>
    /// <exception cref="AlsaException">There is no such device, or it is not to be had.</exception>
    public AlsaIn(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        this.device = device;
        var error = LibAsound.Open(out pcm, device, LibAsound.StreamCapture, LibAsound.NonBlocking);
        if (error < 0)
        {
            pcm.Dispose();
            throw new AlsaException(error, "snd_pcm_open", device);
        }
    }

    public event EventHandler<WaveInEventArgs>? DataAvailable;

    public event EventHandler<StoppedEventArgs>? RecordingStopped;

    public WaveFormat WaveFormat
    {
        get => waveFormat;
        set
        {
            if (current is { Running: true })
            {
                throw new InvalidOperationException("Cannot change WaveFormat while recording");
            }

            waveFormat = value;
        }
    }

    public TimeSpan AverageLatency => Duration(PeriodFrames * Periods);

    public TimeSpan CurrentLatency =>
        current is { Running: true } && !pcm.IsClosed && LibAsound.Delay(pcm, out var frames) >= 0 && frames >= 0
            ? Duration(frames)
            : AverageLatency;

    public void StartRecording()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(pcm.IsClosed, this);
            if (current is { Running: true })
            {
                throw new InvalidOperationException("Already recording");
            }

            var format = SampleFormat(waveFormat);
            var frames = Configure(format);
            Check(LibAsound.Prepare(pcm), "snd_pcm_prepare");
            Check(LibAsound.Start(pcm), "snd_pcm_start");
            current = new Recording(this, frames);
            current.Begin();
        }
    }

    /// <summary>Returns when the last event has been handled, or after five seconds. From a handler it only asks to stop.</summary>
    public void StopRecording() => current?.Stop();

    /// <summary>Stops and closes the device; when a handler hangs, the device closes once that handler returns.</summary>
    public void Dispose()
    {
        StopRecording();
        lock (gate)
        {
            pcm.Dispose();
        }
    }

    private static int SampleFormat(WaveFormat format) => (format.Encoding, format.BitsPerSample) switch
    {
        (WaveFormatEncoding.Pcm, 8) => LibAsound.FormatU8,
        (WaveFormatEncoding.Pcm, 16) => LibAsound.FormatS16,
        (WaveFormatEncoding.Pcm, 24) => LibAsound.FormatS24,
        (WaveFormatEncoding.Pcm, 32) => LibAsound.FormatS32,
        (WaveFormatEncoding.IeeeFloat, 32) => LibAsound.FormatFloat,
        _ => throw new NotSupportedException($"No ALSA mapping for {format.Encoding} {format.BitsPerSample}-bit"),
    };

    /// <summary>Returns the frames of a period.</summary>
    private int Configure(int format)
    {
        nuint frames = PeriodFrames * Periods;
        Check(LibAsound.HwParamsMalloc(out var hardware), "snd_pcm_hw_params_malloc");
        try
        {
            var rate = (uint)waveFormat.SampleRate;
            var periods = (uint)Periods;
            Check(LibAsound.HwParamsAny(pcm, hardware), "snd_pcm_hw_params_any");
            Check(LibAsound.HwParamsSetAccess(pcm, hardware, LibAsound.AccessInterleaved), "snd_pcm_hw_params_set_access");
            Check(LibAsound.HwParamsSetFormat(pcm, hardware, format), "snd_pcm_hw_params_set_format");
            Check(LibAsound.HwParamsSetChannels(pcm, hardware, (uint)waveFormat.Channels), "snd_pcm_hw_params_set_channels");
            Check(LibAsound.HwParamsSetRateNear(pcm, hardware, ref rate, 0), "snd_pcm_hw_params_set_rate_near");
            if (rate != waveFormat.SampleRate)
            {
                // Time is counted in samples: another rate than the one asked for would falsify every time stamp.
                throw new AlsaException(LibAsound.Invalid, "snd_pcm_hw_params_set_rate_near", device,
                    $": the nearest rate to {waveFormat.SampleRate} Hz is {rate} Hz");
            }

            Check(LibAsound.HwParamsSetPeriodsNear(pcm, hardware, ref periods, 0), "snd_pcm_hw_params_set_periods_near");
            Check(LibAsound.HwParamsSetBufferSizeNear(pcm, hardware, ref frames), "snd_pcm_hw_params_set_buffer_size_near");
            Check(LibAsound.HwParams(pcm, hardware), "snd_pcm_hw_params");
        }
        finally
        {
            LibAsound.HwParamsFree(hardware);
        }

        // A device whose buffer is smaller than ours could never have a whole period ready.
        var period = Math.Min(PeriodFrames, (int)frames / 2);
        Check(LibAsound.SwParamsMalloc(out var software), "snd_pcm_sw_params_malloc");
        try
        {
            Check(LibAsound.SwParamsCurrent(pcm, software), "snd_pcm_sw_params_current");
            Check(LibAsound.SwParamsSetAvailMin(pcm, software, (nuint)period), "snd_pcm_sw_params_set_avail_min");
            Check(LibAsound.SwParams(pcm, software), "snd_pcm_sw_params");
        }
        finally
        {
            LibAsound.SwParamsFree(software);
        }

        return period;
    }

    private void Check(int result, string function)
    {
        if (result < 0)
        {
            var asked = function.StartsWith("snd_pcm_hw_params_set", StringComparison.Ordinal) ? $", asked for {waveFormat}" : null;
            throw new AlsaException(result, function, device, asked);
        }
    }

    private TimeSpan Duration(nint frames) => TimeSpan.FromSeconds(frames / (double)waveFormat.SampleRate);

    /// <summary>One start to stop: the thread and its period buffer.</summary>
    private sealed class Recording
    {
        private readonly AlsaIn owner;
        private readonly Thread thread;
        private readonly byte[] period;
        private readonly int frames;
        private readonly int frameBytes;
        private WaveInEventArgs? chunk;
        private volatile bool running = true;

        internal Recording(AlsaIn owner, int frames)
        {
            this.owner = owner;
            this.frames = frames;
            frameBytes = owner.waveFormat.BlockAlign;
            period = new byte[frames * frameBytes];
            thread = new Thread(Record) { Name = "ALSA capture", IsBackground = true };
        }

        internal bool Running => running;

        internal void Begin() => thread.Start();

        internal void Stop()
        {
            running = false;
            if (thread != Thread.CurrentThread)
            {
                _ = thread.Join(StopTimeout);
            }
        }

        private void Record()
        {
            Exception? failure = null;
            var held = false;
            try
            {
                // Keeps the device open for as long as this thread may call into it.
                owner.pcm.DangerousAddRef(ref held);
                for (var recoveries = 0; running;)
                {
                    var got = TakePeriod();
                    if (got >= 0)
                    {
                        recoveries = got > 0 ? 0 : recoveries;
                        continue;
                    }

                    if (++recoveries > MostRecoveries || LibAsound.Recover(owner.pcm, got, 1) < 0)
                    {
                        throw new AlsaException(got, "snd_pcm_readi", owner.device);
                    }

                    owner.Check(LibAsound.Start(owner.pcm), "snd_pcm_start");
                }
            }
#pragma warning disable CA1031 // Whatever ends a recording, a handler's exception too, is told by RecordingStopped.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
            }
            finally
            {
                running = false;
                if (!owner.pcm.IsClosed)
                {
                    _ = LibAsound.Drop(owner.pcm);
                }

                if (held)
                {
                    owner.pcm.DangerousRelease();
                }
            }

            owner.RecordingStopped?.Invoke(owner, new StoppedEventArgs(failure));
        }

        /// <summary>Takes one period and delivers it: its frames, zero when none came in time, or a negative error.</summary>
        private int TakePeriod()
        {
            var woken = Wait();
            var available = (int)LibAsound.Available(owner.pcm);
            if (available >= 0 && available < frames)
            {
                if (woken)
                {
                    // PulseAudio's plugin is "ready" from the start to the first sample: snd_pcm_wait would spin there without end.
                    Pause();
                }

                return 0;
            }

            var got = available < 0 ? available : (int)LibAsound.Read(owner.pcm, period, (nuint)frames);
            if (got > 0)
            {
                // The same object serves every whole period.
                chunk = chunk?.BytesRecorded == got * frameBytes ? chunk : new WaveInEventArgs(period, got * frameBytes);
                owner.DataAvailable?.Invoke(owner, chunk);
            }

            return got == LibAsound.Again ? 0 : got;
        }

        /// <summary>Whether something happened before the time was over.</summary>
        private unsafe bool Wait()
        {
            var count = LibAsound.PollDescriptorsCount(owner.pcm);
            if (count is <= 0 or > MostDescriptors)
            {
                return true;
            }

            var descriptors = stackalloc ulong[MostDescriptors];
            count = LibAsound.PollDescriptors(owner.pcm, descriptors, (uint)count);
            if (count <= 0 || LibAsound.Poll(descriptors, (nuint)count, WaitMilliseconds) == 0)
            {
                return count <= 0;
            }

            // Lets the plugin take in what woke us; the read that follows tells data from error.
            _ = LibAsound.PollEvents(owner.pcm, descriptors, (uint)count, out _);
            return true;
        }

        private static unsafe void Pause() => _ = LibAsound.Poll(null, 0, PauseMilliseconds);
    }
}
