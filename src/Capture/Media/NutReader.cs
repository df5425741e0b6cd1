using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace RealtimeSsl.Capture.Media;

/// <summary>What kind of data a stream of a NUT file holds.</summary>
public enum NutKind
{
    /// <summary>Pictures.</summary>
    Video = 0,

    /// <summary>Sound.</summary>
    Audio = 1,

    /// <summary>Anything else.</summary>
    Other = 2,
}

/// <summary>A stream of a NUT file.</summary>
public sealed class NutTrack
{
    /// <summary>Video, audio or other.</summary>
    public NutKind Kind { get; internal set; }

    /// <summary>Codec tag, e.g. <c>BGR\x18</c> (bgr24) or <c>PFD </c> (pcm_f32le).</summary>
    public string FourCc { get; internal set; } = "";

    /// <summary>Seconds per tick of a presentation time, as a fraction.</summary>
    public (long Num, long Den) TimeBase { get; internal set; }

    /// <summary>Width in pixels (video).</summary>
    public int Width { get; internal set; }

    /// <summary>Height in pixels (video).</summary>
    public int Height { get; internal set; }

    /// <summary>Hz (audio).</summary>
    public int Rate { get; internal set; }

    /// <summary>Channel count (audio).</summary>
    public int Channels { get; internal set; }

    /// <summary>Nominal frames per second, where the writer told (video).</summary>
    public double? Fps { get; internal set; }

    internal int PtsShift { get; set; }

    internal long LastPts { get; set; }

    /// <summary>A presentation time in units of 1/<paramref name="unitsPerSecond"/> s, rounded to the nearest.</summary>
    /// <exception cref="InvalidDataException">It lies more than 100 years away: the stream is corrupt.</exception>
    public long Scale(long pts, long unitsPerSecond)
    {
        var product = (Int128)pts * TimeBase.Num * unitsPerSecond;
        var half = TimeBase.Den / 2;
        var scaled = (product >= 0 ? product + half : product - half) / TimeBase.Den;
        return Int128.Abs(scaled) < (Int128)unitsPerSecond * 3_155_760_000L
            ? (long)scaled
            : throw new InvalidDataException($"presentation time {pts} is out of range");
    }
}

/// <summary>A packet whose payload comes next.</summary>
/// <param name="Stream">Index of its stream.</param>
/// <param name="Pts">Presentation time in ticks of the stream's time base.</param>
/// <param name="Size">Bytes of payload.</param>
public readonly record struct NutPacket(int Stream, long Pts, int Size);

/// <summary>
/// Reads the NUT container (https://ffmpeg.org/~michael/nut.txt) from a pipe. NUT is how an ffmpeg child hands us pictures and sound on one
/// stream with the exact presentation time of each; a reader of it is small, and what arrives in one pipe cannot dead-lock between two.
/// Truncated input ends the stream; anything impossible is an <see cref="InvalidDataException"/>.
/// </summary>
/// <param name="input">The byte stream; read once, front to back.</param>
public sealed class NutReader(Stream input)
{
    private const ulong MainCode = 0x4E4D7A561F5F04AD, StreamCode = 0x4E5311405BF2F9DB, SyncCode = 0x4E4BE4ADEECA4569, InfoCode = 0x4E49AB68B596BA78;
    private const int CodedPts = 8, HasStreamId = 16, SizeMsb = 32, Checksum = 64, Reserved = 128, HeaderIndex = 1024, MatchTime = 2048, Coded = 4096, Invalid = 8192;
    private static readonly byte[] Magic = "nut/multimedia container\0"u8.ToArray();

    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly (int Flags, int Stream, int Mul, int Lsb, long PtsDelta, int Reserved, int Header)[] _codes =
        new (int, int, int, int, long, int, int)[256];

    private (long Num, long Den)[] _timeBases = [];
    private NutTrack?[] _streams = [];
    private byte[][] _elided = [[]];
    private byte[] _prefix = [];
    private int _begin, _end, _prefixLeft, _left;
    private long _consumed;

    /// <summary>The streams, after <see cref="ReadHeader"/>.</summary>
    public IReadOnlyList<NutTrack> Streams => _streams!;

    /// <summary>Reads up to the first packet.</summary>
    /// <exception cref="EndOfStreamException">The input ended before.</exception>
    /// <exception cref="InvalidDataException">This is no NUT.</exception>
    public void ReadHeader()
    {
        foreach (var expected in Magic)
        {
            Require(Byte() == expected, "no NUT signature");
        }

        while (_streams.Length == 0 || Array.Exists(_streams, s => s is null))
        {
            Block();
        }

        // The information packets (frame rate) follow the stream headers at once, the first syncpoint ends them.
        while (Block() != SyncCode)
        {
        }
    }

    /// <summary>Goes to the next packet, over what is unread of this one. False at the end of the input, be it clean or truncated.</summary>
    public bool TryNext(out NutPacket packet)
    {
        packet = default;
        try
        {
            Skip(_left);
            (_left, _prefixLeft) = (0, 0);
            while (true)
            {
                var code = Byte();
                if (code != 'N')
                {
                    packet = Frame(code);
                    return true;
                }

                _begin--;
                _consumed--;
                Block();
            }
        }
        catch (EndOfStreamException)
        {
            return false;
        }
    }

    /// <summary>Reads the next bytes of the packet's payload.</summary>
    /// <exception cref="EndOfStreamException">The input was cut in the middle of the packet.</exception>
    public void Read(Span<byte> destination)
    {
        Require(destination.Length <= _prefixLeft + _left, "packet is shorter than its content");
        var head = Math.Min(_prefixLeft, destination.Length);
        _prefix.AsSpan(_prefix.Length - _prefixLeft, head).CopyTo(destination);
        _prefixLeft -= head;
        _left -= destination.Length - head;
        Bytes(destination[head..]);
    }

    /// <summary>Goes over the next bytes of the packet's payload.</summary>
    /// <exception cref="EndOfStreamException">The input was cut in the middle of the packet.</exception>
    public void Discard(int count)
    {
        Span<byte> scratch = stackalloc byte[1024];
        for (var left = count; left > 0; left -= Math.Min(left, scratch.Length))
        {
            Read(scratch[..Math.Min(left, scratch.Length)]);
        }
    }

    private NutPacket Frame(int code)
    {
        var (flags, id, mul, lsb, delta, reserved, header) = _codes[code];
        Require((flags & Invalid) == 0, "invalid frame code");
        flags ^= (flags & Coded) != 0 ? Small(65535) : 0;
        id = (flags & HasStreamId) != 0 ? Small(_streams.Length - 1) : id;
        Require(id < _streams.Length, "packet of an unknown stream");
        var stream = _streams[id]!;
        stream.LastPts = (flags & CodedPts) != 0 ? FullPts(stream, Varint()) : stream.LastPts + delta;
        var size = (flags & SizeMsb) != 0 ? (long)mul * Small(int.MaxValue) + lsb : lsb;
        _ = (flags & MatchTime) != 0 ? Varint() : 0;
        header = (flags & HeaderIndex) != 0 ? Small(_elided.Length - 1) : header;
        reserved = (flags & Reserved) != 0 ? Small(256) : reserved;
        for (; reserved > 0; reserved--)
        {
            Varint();
        }

        Skip((flags & Checksum) != 0 ? 4 : 0);
        _prefix = size > 4096 ? [] : _elided[header];
        Require(size >= _prefix.Length && size <= int.MaxValue, "size of a packet");
        (_prefixLeft, _left) = (_prefix.Length, (int)size - _prefix.Length);
        return new NutPacket(id, stream.LastPts, (int)size);
    }

    private static long FullPts(NutTrack stream, long coded)
    {
        var range = 1L << stream.PtsShift;
        if (coded >= range)
        {
            return coded - range;
        }

        var nearest = stream.LastPts - range / 2;
        return ((coded - nearest) & (range - 1)) + nearest;
    }

    private ulong Block()
    {
        var code = BinaryPrimitives.ReadUInt64BigEndian(Bytes(stackalloc byte[8]));
        Block(code);
        return code;
    }

    private void Block(ulong code)
    {
        Require(code >> 56 == 'N', "lost in the stream");
        var size = Varint();
        Skip(size > 4096 ? 4 : 0);
        Require(size is >= 4 and <= 1 << 24, "size of a header");
        var end = _consumed + size - 4;
        switch (code)
        {
            case MainCode when _streams.Length == 0:
                MainHeader();
                break;
            case StreamCode:
                StreamHeader();
                break;
            case SyncCode:
                SyncPoint();
                break;
            case InfoCode:
                Info(end);
                break;
        }

        Require(_consumed <= end, "header longer than it says");
        Skip(end - _consumed + 4);
    }

    private void MainHeader()
    {
        if (Small(4) > 3)
        {
            Varint();
        }

        var streams = new NutTrack?[Small(64)];
        Varint();
        _timeBases = new (long, long)[Small(64)];
        foreach (ref var timeBase in _timeBases.AsSpan())
        {
            timeBase = (Small(int.MaxValue), Small(int.MaxValue));
            Require(timeBase.Num > 0 && timeBase.Den > 0, "time base of zero");
        }

        Require(streams.Length > 0 && _timeBases.Length > 0, "no stream");
        FrameCodes();
        _elided = new byte[Small(127) + 1][];
        _elided[0] = [];
        for (var i = 1; i < _elided.Length; i++)
        {
            _elided[i] = Bytes(new byte[Small(256)]).ToArray();
        }

        _streams = streams;
    }

    private void FrameCodes()
    {
        var (pts, mul, stream) = (0L, 1, 0);
        for (var i = 0; i < 256;)
        {
            var flags = Small(65535);
            var fields = Small(256);
            pts = fields > 0 ? Signed() : pts;
            mul = fields > 1 ? Small(1 << 16) : mul;
            stream = fields > 2 ? Small(255) : stream;
            var lsb = fields > 3 ? Small(1 << 16) : 0;
            var reserved = fields > 4 ? Small(256) : 0;
            var count = fields > 5 ? Small(256) : mul - lsb;
            _ = fields > 6 ? Signed() : 0;
            var header = fields > 7 ? Small(127) : 0;
            for (var j = 8; j < fields; j++)
            {
                Varint();
            }

            Require(count > 0, "table of frame codes");
            for (var j = 0; j < count && i < 256; i++)
            {
                // 'N' begins a header, so it is never a frame code.
                _codes[i] = i == 'N' ? (Invalid, 0, 0, 0, 0, 0, 0) : (flags, stream, mul, lsb + j++, pts, reserved, header);
            }
        }
    }

    private void StreamHeader()
    {
        var id = Small(_streams.Length - 1);
        var kind = (NutKind)Small(3);
        var fourCc = Encoding.Latin1.GetString(Bytes(stackalloc byte[Small(16)]));
        var stream = new NutTrack { Kind = kind, FourCc = fourCc, TimeBase = _timeBases[Small(_timeBases.Length - 1)], PtsShift = Small(31) };
        Varint();
        Varint();
        Varint();
        Skip(Small(1 << 20));
        if (kind == NutKind.Video)
        {
            (stream.Width, stream.Height) = (Small(1 << 15), Small(1 << 15));
            Require(stream.Width > 0 && stream.Height > 0, "picture of no size");
        }
        else if (kind == NutKind.Audio)
        {
            var (rate, per) = (Small(int.MaxValue), Small(int.MaxValue));
            Require(rate > 0 && per > 0 && rate / per is > 0 and <= 10_000_000, "sample rate");
            (stream.Rate, stream.Channels) = (rate / per, Small(64));
            Require(stream.Channels > 0, "sound of no channels");
        }

        // Headers are repeated in long streams; the first one counts.
        _streams[id] ??= stream;
    }

    private void SyncPoint()
    {
        var coded = Varint();
        Require(_streams.Length > 0 && Array.TrueForAll(_streams, s => s is not null), "packets before the headers");
        var (num, den) = _timeBases[coded % _timeBases.Length];
        foreach (var stream in _streams)
        {
            var (product, divisor) = ((Int128)(coded / _timeBases.Length) * num * stream!.TimeBase.Den, (Int128)den * stream.TimeBase.Num);
            Require(product / divisor < long.MaxValue / 4, "time of a syncpoint");
            stream.LastPts = (long)(product / divisor);
        }
    }

    /// <summary>Of all that may be said about a stream we want its frame rate.</summary>
    private void Info(long end)
    {
        var id = Small(1 << 16) - 1;
        (_, _, _) = (Signed(), Varint(), Varint());
        for (var left = Small(1 << 16); left > 0 && _consumed < end; left--)
        {
            var name = Text();
            var type = Signed();
            if (type == -2)
            {
                Skip(Small(1 << 20));
            }

            if (type is -1 or -2)
            {
                var value = Text();
                if (name == "r_frame_rate" && id >= 0 && id < _streams.Length && _streams[id] is { } stream)
                {
                    stream.Fps = Rate(value);
                }
            }
            else if (type is -3 or -4 or < -4)
            {
                _ = type == -4 ? Varint() : Signed();
            }
        }
    }

    private static double? Rate(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var num)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var den) && den > 0 && num > 0 ? (double)num / den : null;
    }

    private string Text()
    {
        var length = Small(1 << 20);
        if (length > 256)
        {
            Skip(length);
            return "";
        }

        return Encoding.UTF8.GetString(Bytes(stackalloc byte[length]));
    }

    private int Small(int max)
    {
        var value = Varint();
        Require(value <= max, "number out of range");
        return (int)value;
    }

    private long Signed()
    {
        var value = Varint() + 1;
        return (value & 1) != 0 ? -(value >> 1) : value >> 1;
    }

    private long Varint()
    {
        var value = 0L;
        while (true)
        {
            var b = Byte();
            Require(value < 1L << 55, "number too long");
            value = value << 7 | (long)(b & 0x7F);
            if ((b & 0x80) == 0)
            {
                return value;
            }
        }
    }

    private int Byte()
    {
        if (_begin == _end)
        {
            Fill();
        }

        _consumed++;
        return _buffer[_begin++];
    }

    private Span<byte> Bytes(Span<byte> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            var rest = destination[done..];
            int got;
            if (_begin == _end && rest.Length >= _buffer.Length)
            {
                got = input.Read(rest);
                EndOfInput(got);
            }
            else
            {
                if (_begin == _end)
                {
                    Fill();
                }

                got = Math.Min(_end - _begin, rest.Length);
                _buffer.AsSpan(_begin, got).CopyTo(rest);
                _begin += got;
            }

            done += got;
            _consumed += got;
        }

        return destination;
    }

    private void Skip(long count)
    {
        while (count > 0)
        {
            if (_begin == _end)
            {
                Fill();
            }

            var step = (int)Math.Min(count, _end - _begin);
            _begin += step;
            _consumed += step;
            count -= step;
        }
    }

    private void Fill()
    {
        (_begin, _end) = (0, input.Read(_buffer));
        EndOfInput(_end);
    }

    private static void EndOfInput(int read)
    {
        if (read <= 0)
        {
            throw new EndOfStreamException("the stream ends in the middle");
        }
    }

    private static void Require(bool condition, string complaint)
    {
        if (!condition)
        {
            throw new InvalidDataException($"damaged media stream: {complaint}");
        }
    }
}
