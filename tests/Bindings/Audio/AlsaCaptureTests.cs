using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Threading.Channels;
using NAudio.Wave;
using NAudio.Wave.Alsa;
using RealtimeSsl.Tests.Support;
using Xunit;

namespace RealtimeSsl.Tests.Bindings.Audio;

/// <summary>Recording through ALSA, from a PulseAudio server of our own whose microphones are FIFOs.</summary>
[Collection(PulseServer.Collection)]
[SupportedOSPlatform("linux")]
public sealed class AlsaCaptureTests
{
    private const int PeriodFrames = 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_microphone_hears_arrives_bit_for_bit()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse") { WaveFormat = new WaveFormat(16000, 1) };

        var heard = await Record(input, server.Microphones[0], Ramp(16 * PeriodFrames), chunks: 16);

        Assert.Equal(Ramp(16 * PeriodFrames), heard);
    }

    [Fact]
    public async Task A_source_is_chosen_by_its_PulseAudio_name()
    {
        await using var server = await Start(("first", 16000, 1), ("second", 48000, 2));
        using var input = new AlsaIn("pulse:second") { WaveFormat = new WaveFormat(48000, 2) };

        var heard = await Record(input, server.Microphones[1], Ramp(8 * PeriodFrames * 2), chunks: 8);

        Assert.Equal(Ramp(8 * PeriodFrames * 2), heard);
    }

    [Fact]
    public async Task Floating_point_comes_at_full_scale_one()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse") { WaveFormat = WaveFormat.CreateIeeeFloatWaveFormat(16000, 1) };
        var spoken = Ramp(4 * PeriodFrames);

        var heard = MemoryMarshal.Cast<byte, float>(await RecordBytes(input, server.Microphones[0], spoken, chunks: 4)).ToArray();

        Assert.Equal(spoken.Select(s => s / 32768f), heard);
    }

    [Fact]
    public async Task A_recording_can_be_stopped_and_started_again()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse") { WaveFormat = new WaveFormat(16000, 1) };
        var ends = Channel.CreateUnbounded<Exception?>();
        input.RecordingStopped += (_, e) => ends.Writer.TryWrite(e.Exception);

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(Ramp(2 * PeriodFrames), await Record(input, server.Microphones[0], Ramp(2 * PeriodFrames), chunks: 2));
            Assert.Null(await ends.Reader.ReadAsync(Token));
        }

        Assert.False(ends.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_handler_may_stop_the_recording_itself()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse") { WaveFormat = new WaveFormat(16000, 1) };
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        input.DataAvailable += (_, _) => input.StopRecording();
        input.RecordingStopped += (_, e) => ended.TrySetResult(e.Exception);

        input.StartRecording();
        await server.Microphones[0].WriteAsync(Bytes(Ramp(2 * PeriodFrames)), Token);

        Assert.Null(await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task A_handler_may_dispose_the_recorder()
    {
        await using var server = await Start();
        var input = new AlsaIn("pulse") { WaveFormat = new WaveFormat(16000, 1) };
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        input.DataAvailable += (_, _) => input.Dispose();
        input.RecordingStopped += (_, e) => ended.TrySetResult(e.Exception);

        input.StartRecording();
        await server.Microphones[0].WriteAsync(Bytes(Ramp(2 * PeriodFrames)), Token);

        Assert.Null(await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Throws<ObjectDisposedException>(input.StartRecording);
    }

    [Fact]
    public async Task What_a_handler_throws_ends_the_recording_and_is_told()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse") { WaveFormat = new WaveFormat(16000, 1) };
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        EventHandler<WaveInEventArgs> fails = (_, _) => throw new InvalidDataException("the handler's own");
        input.DataAvailable += fails;
        input.RecordingStopped += (_, e) => ended.TrySetResult(e.Exception);

        input.StartRecording();
        await server.Microphones[0].WriteAsync(Bytes(Ramp(2 * PeriodFrames)), Token);

        Assert.IsType<InvalidDataException>(await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
        input.DataAvailable -= fails;
        Flavour.SkipOnRealPackage("it does not start again after an error");
        Assert.Equal(Ramp(2 * PeriodFrames), await Record(input, server.Microphones[0], Ramp(2 * PeriodFrames), chunks: 2));
    }

    [Fact]
    public async Task A_sound_server_that_dies_ends_the_recording_with_an_error_that_names_the_device()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse:mic") { WaveFormat = new WaveFormat(16000, 1) };
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        input.DataAvailable += (_, _) => first.TrySetResult();
        input.RecordingStopped += (_, e) => ended.TrySetResult(e.Exception);
        input.StartRecording();
        await server.Microphones[0].WriteAsync(Bytes(Ramp(2 * PeriodFrames)), Token);
        await first.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);

        server.Kill();

        var error = Assert.IsType<AlsaException>(await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal("snd_pcm_readi", error.Function);
        Assert.Equal(Flavour.IsSystem, error.Message.Contains("\"pulse:mic\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_that_is_not_there_is_refused_by_name()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse:nosuch") { WaveFormat = new WaveFormat(16000, 1) };

        var error = Assert.Throws<AlsaException>(input.StartRecording);

        Assert.InRange(error.ErrorCode, -200, -1);
        Assert.Equal(Flavour.IsSystem, error.Message.Contains("\"pulse:nosuch\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_latency_is_told_while_recording()
    {
        await using var server = await Start();
        using var input = new AlsaIn("pulse") { WaveFormat = new WaveFormat(16000, 1) };

        Assert.Equal(TimeSpan.FromSeconds(4096 / 16000d), input.AverageLatency);
        Assert.Equal(input.AverageLatency, input.CurrentLatency);
        input.StartRecording();
        Assert.InRange(input.CurrentLatency, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Throws<InvalidOperationException>(input.StartRecording);
        Assert.Throws<InvalidOperationException>(() => input.WaveFormat = new WaveFormat(8000, 1));
        await Stop(input, server.Microphones[0]);
    }

    private static async Task<PulseServer> Start(params (string Name, int Rate, int Channels)[] microphones)
    {
        var server = await PulseServer.StartAsync(Token, microphones);
        server.UseInThisProcess();
        return server;
    }

    /// <summary>Samples whose neighbours differ, so that a loss or a repetition shows.</summary>
    private static short[] Ramp(int samples) => [.. Enumerable.Range(0, samples).Select(i => (short)(i * 7919))];

    private static byte[] Bytes(short[] samples) => MemoryMarshal.AsBytes(samples.AsSpan()).ToArray();

    private static async Task<short[]> Record(AlsaIn input, PulseMicrophone microphone, short[] spoken, int chunks) =>
        MemoryMarshal.Cast<byte, short>(await RecordBytes(input, microphone, spoken, chunks)).ToArray();

    /// <summary>
    /// From within a handler, while the microphone goes on hearing the room: the real package's thread does not stop otherwise.
    /// </summary>
    private static async Task Stop(AlsaIn input, PulseMicrophone microphone)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Tell(object? sender, StoppedEventArgs e) => stopped.TrySetResult();
        void Last(object? sender, WaveInEventArgs e) => input.StopRecording();
        input.RecordingStopped += Tell;
        input.DataAvailable += Last;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!stopped.Task.IsCompleted)
        {
            await microphone.WriteAsync(new byte[PeriodFrames], limit.Token);
            await Task.WhenAny(stopped.Task, Task.Delay(10, limit.Token));
        }

        input.RecordingStopped -= Tell;
        input.DataAvailable -= Last;
    }

    /// <summary>Speaks one period at a time, the next when the last but one has arrived: no buffer on the way can overflow.</summary>
    private static async Task<byte[]> RecordBytes(AlsaIn input, PulseMicrophone microphone, short[] spoken, int chunks)
    {
        var arrived = Channel.CreateUnbounded<byte[]>();
        void Keep(object? sender, WaveInEventArgs e) => arrived.Writer.TryWrite(e.BufferSpan.ToArray());
        input.DataAvailable += Keep;
        input.StartRecording();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        var heard = new List<byte>();
        var wanted = spoken.Length * (input.WaveFormat.BitsPerSample / 8);
        for (var i = 0; i < chunks; i++)
        {
            await microphone.WriteAsync(Bytes(spoken[(i * spoken.Length / chunks)..((i + 1) * spoken.Length / chunks)]), limit.Token);
            while (heard.Count < (i - 1) * (wanted / chunks))
            {
                heard.AddRange(await arrived.Reader.ReadAsync(limit.Token));
            }
        }

        while (heard.Count < wanted)
        {
            heard.AddRange(await arrived.Reader.ReadAsync(limit.Token));
        }

        await Stop(input, microphone);
        input.DataAvailable -= Keep;
        return [.. heard];
    }
}
