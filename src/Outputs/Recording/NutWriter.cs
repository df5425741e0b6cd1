using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace RealtimeSsl.Outputs;

/// <summary>The pictures of a recording.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Fps">Nominal frames per second: gives the last picture its length; null if unknown.</param>
internal readonly record struct PictureFormat(int Width, int Height, double? Fps);

/// <summary>The sound of a recording.</summary>
/// <param name="Rate">Hz.</param>
/// <param name="Channels">Channel count.</param>
internal readonly record struct SoundFormat(int Rate, int Channels);

/// <summary>
/// Writes raw pictures (bgr24) and raw sound (32-bit float) as one NUT stream: the one container that carries both through a pipe with exact
/// times. Only what that needs of the format: one frame code, no elision, no index, and (version 4's pipe mode, which FFmpeg reads) no sync
/// points but the first, so that the reader's memory does not grow with the length of the recording.
/// Format: "NUT Open Container Format", https://ffmpeg.org/~michael/nut.txt.
/// </summary>
internal sealed class NutWriter
{
    /// <summary>Ticks per second of the pictures' times: MPEG's clock, a multiple of all usual frame rates.</summary>
    public const int PictureClock = 90_000;

    private const ulong MainStart = 0x4E4D_7A56_1F5F_04AD, StreamStart = 0x4E53_1140_5BF2_F9DB;
    private const ulong SyncStart = 0x4E4B_E4AD_EECA_4569, InfoStart = 0x4E49_AB68_B596_BA78;

    // Bits of a frame code. All frames use code 1, whose bits follow in the frame's own header ("coded").
    private const int Key = 1, CodedPts = 8, CodedStream = 16, CodedSize = 32, Checksum = 64, Coded = 4096, Invalid = 8192;
    private const int Picture = 0, Sound = 1, PtsShift = 4, PipeMode = 2;
    private static readonly uint[] Crc = MakeCrc();
    private readonly Stream _output;
    private readonly byte[] _header = new byte[32];
    private readonly ArrayBufferWriter<byte> _packet = new(256);

    /// <summary>Writes the headers.</summary>
    /// <param name="output">Where to; need not seek. Not closed.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="sound">The sound, if there is any.</param>
    public NutWriter(Stream output, PictureFormat pictures, SoundFormat? sound)
    {
        _output = output;
        _output.Write("nut/multimedia container\0"u8);
        WriteMainHeader(sound);
        WritePictureHeader(pictures);
        if (sound is { } format)
        {
            WriteSoundHeader(format);
        }

        if (pictures.Fps is { } fps)
        {
            WriteFrameRate(fps);
        }

        Number(0); // Time 0, in the first time base.
        Number(0); // No sync point before this one.
        Packet(SyncStart);
    }

    /// <summary>Writes one picture.</summary>
    /// <param name="pixels">Height x Width x 3 bytes: B, G, R.</param>
    /// <param name="pts">Its time, in 1 / <see cref="PictureClock"/> s; above the one before.</param>
    public void WritePicture(ReadOnlySpan<byte> pixels, long pts) => WriteFrame(Picture, pixels, pts);

    /// <summary>Writes a run of samples.</summary>
    /// <param name="samples">Interleaved, full scale 1.0.</param>
    /// <param name="pts">Index of the first one: time in 1 / rate s.</param>
    public void WriteSound(ReadOnlySpan<float> samples, long pts) => WriteFrame(Sound, MemoryMarshal.AsBytes(samples), pts);

    private void WriteFrame(int stream, ReadOnlySpan<byte> data, long pts)
    {
        var header = _header.AsSpan();
        header[0] = 1;
        var length = 1;
        length += Number(header[length..], Key | CodedPts | CodedStream | CodedSize | Checksum);
        length += Number(header[length..], stream);
        length += Number(header[length..], pts + (1 << PtsShift)); // So offset, it is the time itself and not only its low bits.
        length += Number(header[length..], data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(header[length..], Sum(0, header[..length]));
        _output.Write(header[..(length + 4)]);
        _output.Write(data);
    }

    private void WriteMainHeader(SoundFormat? sound)
    {
        Number(4); // Version 4.1: with pipe mode.
        Number(1);
        Number(sound is null ? 1 : 2); // Streams.
        Number(65535); // Distance of sync points, if there were any.
        Number(sound is null ? 1 : 2); // Time bases.
        TimeBase(PictureClock);
        if (sound is { } format)
        {
            TimeBase(format.Rate);
        }

        FrameCodes(Invalid, 1);
        FrameCodes(Coded, 1);
        FrameCodes(Invalid, 253); // 255 in all: the code 'N' begins a start code and is left out.
        Number(0); // No elision headers.
        Number(PipeMode);
        Packet(MainStart);

        void TimeBase(int ticksPerSecond)
        {
            Number(1);
            Number(ticksPerSecond);
        }

        void FrameCodes(int flags, int count)
        {
            Number(flags);
            Number(6); // Fields that follow: time step, size factor, stream, size, reserved, count.
            Number(0);
            Number(1);
            Number(0);
            Number(0);
            Number(0);
            Number(count);
        }
    }

    private void WritePictureHeader(PictureFormat pictures)
    {
        StreamHeader(Picture, "BGR\x18"u8);
        Number(pictures.Width);
        Number(pictures.Height);
        Number(1); // Square pixels.
        Number(1);
        Number(0); // Colour space: does not apply to RGB.
        Packet(StreamStart);
    }

    private void WriteSoundHeader(SoundFormat sound)
    {
        StreamHeader(Sound, "PFD\x20"u8);
        Number(sound.Rate);
        Number(1);
        Number(sound.Channels);
        Packet(StreamStart);
    }

    private void StreamHeader(int stream, ReadOnlySpan<byte> fourCc)
    {
        Number(stream);
        Number(stream); // Class: 0 is video, 1 is audio.
        Number(fourCc.Length);
        _packet.Write(fourCc);
        Number(stream); // Time base.
        Number(PtsShift);
        Number(1); // Largest step of time without a checksum: all our frames have one.
        Number(0); // Pictures come in the order they are shown in.
        Number(0); // The frame rate is not fixed.
        Number(0); // No data for the decoder.
    }

    private void WriteFrameRate(double fps)
    {
        Number(Picture + 1);
        Number(0); // Not about a chapter (signed 0), which has no begin and no length.
        Number(0);
        Number(0);
        Number(1); // One field: a name, -1 (signed) for "text", and the text.
        Text("r_frame_rate"u8);
        Number(2);
        Text(Encoding.ASCII.GetBytes($"{(long)Math.Round(fps * 1000)}/1000"));
        Packet(InfoStart);

        void Text(ReadOnlySpan<byte> text)
        {
            Number(text.Length);
            _packet.Write(text);
        }
    }

    // Start code, length to the end of the packet, content, checksum of the content.
    private void Packet(ulong startCode)
    {
        var content = _packet.WrittenSpan;
        BinaryPrimitives.WriteUInt64BigEndian(_header, startCode);
        var length = 8 + Number(_header.AsSpan(8), content.Length + 4);
        _output.Write(_header.AsSpan(0, length));
        _output.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(_header, Sum(0, content));
        _output.Write(_header.AsSpan(0, 4));
        _packet.ResetWrittenCount();
    }

    private void Number(long value)
    {
        Span<byte> bytes = stackalloc byte[10];
        _packet.Write(bytes[..Number(bytes, value)]);
    }

    // Seven bits a byte, the highest first, the top bit says that more follow.
    private static int Number(Span<byte> to, long value)
    {
        var length = 1;
        for (var rest = value >> 7; rest != 0; rest >>= 7)
        {
            length++;
        }

        for (var i = 0; i < length; i++)
        {
            to[i] = (byte)(value >> 7 * (length - 1 - i) & 0x7F | (i < length - 1 ? 0x80L : 0));
        }

        return length;
    }

    private static uint Sum(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            crc = crc << 8 ^ Crc[(crc >> 24) ^ b];
        }

        return crc;
    }

    private static uint[] MakeCrc()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000_0000) != 0 ? crc << 1 ^ 0x04C1_1DB7 : crc << 1;
            }

            table[i] = crc;
        }

        return table;
    }
}
