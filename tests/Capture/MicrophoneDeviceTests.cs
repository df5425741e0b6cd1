using RealtimeSsl.Capture.Microphone;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Capture;

/// <summary>A real sound server, whose microphone says what the test writes.</summary>
[Collection(PulseServer.Collection)]
public sealed class MicrophoneDeviceTests
{
    [Fact(Timeout = 60_000)]
    public async Task A_pulse_microphone_is_heard_through_alsa_and_closes_while_its_server_lives()
    {
        var token = TestContext.Current.CancellationToken;
        await using var server = await PulseServer.StartAsync(token);
        server.UseInThisProcess();
        var (clock, counters) = (new MonotonicClock(), new Counters());
        var options = new MicrophoneOptions { Device = $"pulse:{server.Microphones[0].Name}", Rate = 16000, Channels = 1 };
        var source = MicrophoneSource.Open(options, new SourceContext(clock, counters, new ListLog()));
        var written = new byte[2 * 16000];
        for (var i = 0; i < 16000; i++)
        {
            BitConverter.TryWriteBytes(written.AsSpan(2 * i), (short)(8000 * Math.Sin(i * 0.2)));
        }

        var writing = Task.Run(() => server.Microphones[0].PlayAsync(written, token), token);
        var loud = 0;
        while (loud < 8000)
        {
            using var block = await source.Blocks.ReadAsync(token);
            foreach (var sample in block.Samples)
            {
                loud += Math.Abs(sample) > 0.01f ? 1 : 0;
            }

            // The samples' time is smoothed over arrivals that a busy machine delays: its end may lie a block ahead.
            Assert.InRange((block.Arrived - block.End).TotalMilliseconds, -20, 500);
        }

        await writing;
        var began = clock.Now;
        await source.DisposeAsync();
        Assert.True(clock.Now - began < TimeSpan.FromSeconds(15));
        Assert.Equal(0, counters["mic.reconnects"].Value);
    }
}
