using NAudio.Wave;
using RealtimeSsl.Capture.Microphone;

namespace RealtimeSsl.Tests.Capture;

public sealed class SampleFormatTests
{
    [Fact]
    public void Sixteen_bits() => Assert.Equal([-1f, 0.5f], Convert(new WaveFormat(8000, 16, 1), [0x00, 0x80, 0x00, 0x40]));

    [Fact]
    public void Twenty_four_bits() => Assert.Equal([-1f, 0.5f], Convert(new WaveFormat(8000, 24, 1), [0, 0, 0x80, 0, 0, 0x40]));

    [Fact]
    public void Thirty_two_bits() => Assert.Equal([-1f, 0.5f], Convert(new WaveFormat(8000, 32, 1), [0, 0, 0, 0x80, 0, 0, 0, 0x40]));

    [Fact]
    public void Floats() => Assert.Equal([-0.25f], Convert(WaveFormat.CreateIeeeFloatWaveFormat(8000, 1), BitConverter.GetBytes(-0.25f)));

    private static float[] Convert(WaveFormat format, byte[] bytes)
    {
        Assert.True(SampleFormat.Supports(format));
        var samples = new float[bytes.Length / (format.BitsPerSample / 8)];
        SampleFormat.Convert(bytes, format, samples);
        return samples;
    }
}
