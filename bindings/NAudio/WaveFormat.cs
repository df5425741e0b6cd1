namespace NAudio.Wave;

/// <summary>How one sample is encoded; the values are the tags of RIFF files.</summary>
public enum WaveFormatEncoding : ushort
{
    Unknown = 0x0000,
    Pcm = 0x0001,
    IeeeFloat = 0x0003,
}

/// <summary>Rate, channels and sample type of interleaved little-endian audio.</summary>
public class WaveFormat
{
    /// <summary>44.1 kHz, 16 bit, stereo.</summary>
    public WaveFormat()
        : this(44100, 16, 2)
    {
    }

    /// <summary>16 bit PCM.</summary>
    public WaveFormat(int sampleRate, int channels)
        : this(sampleRate, 16, channels)
    {
    }

    /// <summary>Integer PCM of <paramref name="bits"/> bits.</summary>
    public WaveFormat(int rate, int bits, int channels)
        : this(WaveFormatEncoding.Pcm, rate, bits, channels)
    {
    }

    private WaveFormat(WaveFormatEncoding encoding, int rate, int bits, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        Encoding = encoding;
        SampleRate = rate;
        BitsPerSample = bits;
        Channels = channels;
    }

    public WaveFormatEncoding Encoding { get; }

    public int Channels { get; }

    public int SampleRate { get; }

    public int BitsPerSample { get; }

    /// <summary>Bytes of one frame: one sample of every channel.</summary>
    public virtual int BlockAlign => Channels * (BitsPerSample / 8);

    public int AverageBytesPerSecond => SampleRate * BlockAlign;

    /// <summary>32 bit floating point, full scale at 1.</summary>
    public static WaveFormat CreateIeeeFloatWaveFormat(int sampleRate, int channels) =>
        new(WaveFormatEncoding.IeeeFloat, sampleRate, 32, channels);

    public override string ToString() =>
        $"{BitsPerSample} bit {(Encoding == WaveFormatEncoding.IeeeFloat ? "IEEEFloat" : "PCM")}: {SampleRate}Hz {Channels} channels";

    public override bool Equals(object? obj) =>
        obj is WaveFormat other && Encoding == other.Encoding && Channels == other.Channels
        && SampleRate == other.SampleRate && BitsPerSample == other.BitsPerSample;

    public override int GetHashCode() => HashCode.Combine(Encoding, Channels, SampleRate, BitsPerSample);
}
