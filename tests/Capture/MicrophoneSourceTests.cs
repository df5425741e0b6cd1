using NAudio.Wave;
using RealtimeSsl.Capture.Microphone;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Capture;

/// <summary>A microphone whose device the test plays; the real devices are in <see cref="MicrophoneDeviceTests"/>.</summary>
public sealed class MicrophoneSourceTests
{
    private const int Limit = 60_000;
    private readonly MonotonicClock _clock = new();
    private readonly Counters _counters = new();
    private readonly ListLog _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task What_the_device_delivers_arrives_whole_and_stamped_with_when_it_was_heard()
    {
        var device = new FakeDevice(latency: TimeSpan.FromMilliseconds(15));
        await using var source = MicrophoneSource.Open(new MicrophoneOptions(), Context, (_, _, _) => device);
        var before = _clock.Now;
        device.Deliver(480, 1000);
        var block = await source.Blocks.ReadAsync(Token);
        Assert.Equal((480, 2, 48000, 0L), (block.Length, block.Channels, block.Rate, block.Position));
        Assert.Equal(1000 / 32768f, block.Samples[5]);
        Assert.InRange((block.End - before).TotalMilliseconds, -15.5, 100);
        Assert.Equal(15, (block.Arrived - block.End).TotalMilliseconds, 1.0);
        device.Deliver(480, 1000);
        Assert.Equal(480, (await source.Blocks.ReadAsync(Token)).Position);
    }

    [Fact(Timeout = Limit)]
    public async Task A_device_that_breaks_is_opened_again_and_what_was_lost_is_a_hole()
    {
        var devices = new Queue<FakeDevice>([new FakeDevice(), new FakeDevice()]);
        var (first, second) = (devices.Peek(), devices.Last());
        await using var source = MicrophoneSource.Open(new MicrophoneOptions(), Context, (_, _, _) => devices.Dequeue());
        first.Deliver(480, 1);
        first.Break(new IOException("unplugged"));
        while (!second.Started)
        {
            await Task.Delay(10, Token);
        }

        second.Deliver(480, 2);
        Assert.Equal(0, (await source.Blocks.ReadAsync(Token)).Position);
        Assert.True((await source.Blocks.ReadAsync(Token)).Position > 480 + 48000 / 10);
        Assert.Equal(1, _counters["mic.reconnects"].Value);
        Assert.Contains(_log.Lines, l => l.Contains("unplugged", StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task A_device_that_falls_silent_for_good_is_opened_again()
    {
        var opened = 0;
        await using var source = MicrophoneSource.Open(new MicrophoneOptions(), Context, (_, _, _) =>
        {
            opened++;
            return new FakeDevice();
        });
        while (Volatile.Read(ref opened) < 2)
        {
            await Task.Delay(20, Token);
        }

        Assert.True(_counters["mic.stalls"].Value >= 1);
    }

    [Fact(Timeout = Limit)]
    public async Task A_device_with_one_channel_is_taken_as_it_is()
    {
        await using var source = MicrophoneSource.Open(
            new MicrophoneOptions(), Context, (_, _, channels) => channels == 1 ? new FakeDevice { WaveFormat = new WaveFormat(48000, 16, 1) } : throw new IOException("no two"));
        Assert.Equal(1, source.Info.Channels);
    }

    [Fact]
    public void A_device_that_is_not_there_is_told_with_its_name()
    {
        var error = Assert.Throws<SourceException>(() => MicrophoneSource.Open(new MicrophoneOptions { Device = "attic" }, Context, (_, _, _) => throw new IOException("no such device")));
        Assert.StartsWith("microphone 'attic': no such device; ", error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task A_device_that_never_stops_does_not_hold_up_the_end()
    {
        var source = MicrophoneSource.Open(new MicrophoneOptions(), Context, (_, _, _) => new FakeDevice { Hangs = true });
        var began = _clock.Now;
        await source.DisposeAsync();
        Assert.True(_clock.Now - began < TimeSpan.FromSeconds(20));
    }

    private SourceContext Context => new(_clock, _counters, _log);

    private sealed class FakeDevice(TimeSpan latency = default) : IWaveIn, IWaveLatency
    {
        private readonly ManualResetEventSlim _never = new();

        public event EventHandler<WaveInEventArgs>? DataAvailable;

        public event EventHandler<StoppedEventArgs>? RecordingStopped;

        public bool Hangs { get; init; }

        public bool Started { get; private set; }

        public WaveFormat WaveFormat { get; set; } = new(48000, 16, 2);

        public TimeSpan AverageLatency => latency;

        public TimeSpan CurrentLatency => latency;

        public void StartRecording() => Started = true;

        public void StopRecording()
        {
            if (Hangs)
            {
                _never.Wait(TimeSpan.FromMinutes(5));
            }

            RecordingStopped?.Invoke(this, new StoppedEventArgs());
        }

        public void Deliver(int length, short value)
        {
            var bytes = new byte[length * 4 + 100];
            for (var i = 0; i < length * 2; i++)
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(2 * i), value);
            }

            DataAvailable?.Invoke(this, new WaveInEventArgs(bytes, length * 4));
        }

        public void Break(Exception e) => RecordingStopped?.Invoke(this, new StoppedEventArgs(e));

        public void Dispose() => _never.Set();
    }
}
