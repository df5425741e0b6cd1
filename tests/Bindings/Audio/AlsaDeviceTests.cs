using System.Runtime.Versioning;
using NAudio.Wave;
using NAudio.Wave.Alsa;
using RealtimeSsl.Tests.Support;
using Xunit;

namespace RealtimeSsl.Tests.Bindings.Audio;

/// <summary>Devices that every ALSA has, and those that none has.</summary>
[SupportedOSPlatform("linux")]
public sealed class AlsaDeviceTests
{
    [Theory]
    [InlineData("nosuch")]
    [InlineData("hw:9")]
    public void A_device_that_is_not_there_is_refused_by_name(string device)
    {
        var error = Assert.Throws<AlsaException>(() => new AlsaIn(device));

        Assert.Equal(Flavour.IsSystem, error.Message.Contains($"\"{device}\"", StringComparison.Ordinal));
        Assert.Contains("No such", error.Message, StringComparison.Ordinal);
        Assert.Equal("snd_pcm_open", error.Function);
        Assert.InRange(error.ErrorCode, -200, -1);
    }

    [Fact]
    public async Task The_null_device_records_silence_until_it_is_stopped()
    {
        var heard = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = 0;
        using (var input = new AlsaIn("null") { WaveFormat = new WaveFormat(48000, 2) })
        {
            input.DataAvailable += (_, e) => heard.TrySetResult(e.BufferSpan.ToArray());
            input.RecordingStopped += (_, e) =>
            {
                Assert.Null(e.Exception);
                Interlocked.Increment(ref stopped);
            };
            input.StartRecording();
            var chunk = await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.Equal(new byte[1024 * 4], chunk);
        }

        Assert.Equal(1, stopped);
    }

    [Fact]
    public void The_capture_devices_are_listed_with_the_null_device_among_them()
    {
        var devices = AlsaDeviceEnumerator.GetCaptureDevices();

        Assert.Contains(devices, d => d.Name == "null");
        Assert.All(devices, d => Assert.NotEmpty(d.Name));
    }

    [Fact]
    public void A_sample_type_that_ALSA_has_no_name_for_is_refused()
    {
        using var input = new AlsaIn("null") { WaveFormat = new WaveFormat(48000, 12, 1) };

        Assert.Throws<NotSupportedException>(input.StartRecording);
    }

    [Fact]
    public void A_recorder_that_was_disposed_does_not_start()
    {
        var input = new AlsaIn("null");
        input.Dispose();
        input.Dispose();

        Assert.Throws<ObjectDisposedException>(input.StartRecording);
    }

    [Fact]
    public void A_format_knows_its_sizes()
    {
        var format = new WaveFormat(48000, 24, 2);
        Assert.Equal((WaveFormatEncoding.Pcm, 6, 288000), (format.Encoding, format.BlockAlign, format.AverageBytesPerSecond));

        var floating = WaveFormat.CreateIeeeFloatWaveFormat(16000, 2);
        Assert.Equal((WaveFormatEncoding.IeeeFloat, 32, 8), (floating.Encoding, floating.BitsPerSample, floating.BlockAlign));
        Assert.Equal(new WaveFormat(44100, 16, 2), new WaveFormat());
        Assert.NotEqual(floating, new WaveFormat(16000, 32, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WaveFormat(16000, 16, 0));
    }
}
