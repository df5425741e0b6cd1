using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace RealtimeSsl.Capture.Media;

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
    // Start codes of the headers.
    private const ulong MainCode = 0x4E4D7A561F5F04AD, StreamCode = 0x4E5311405BF2F9DB;
    private const ulong SyncCode = 0x4E4BE4ADEECA4569, InfoCode = 0x4E49AB68B596BA78;

    // What a packet's header holds.
    private const int CodedPts = 8, HasStreamId = 16, SizeMsb = 32, Checksum = 64, Reserved = 128;
    private const int HeaderIndex = 1024, MatchTime = 2048, Coded = 4096, Invalid = 8192;

    private static readonly byte[] Magic = "nut/multimedia container\0"u8.ToArray();

    private readonly NutBytes _in = new(input);
    private readonly (int Flags, int Stream, int Mul, int Lsb, long PtsDelta, int Reserved, int Header)[] _codes =
        new (int, int, int, int, long, int, int)[256];

    private (long Num, long Den)[] _timeBases = [];
    private NutTrack?[] _streams = [];
    private byte[][] _elided = [[]];
    private byte[] _prefix = [];
    private int _prefixLeft, _left;

    /// <summary>The streams, after <see cref="ReadHeader"/>.</summary>
    public IReadOnlyList<NutTrack> Streams => _streams!;

    /// <summary>Reads up to the first packet.</summary>
    /// <exception cref="EndOfStreamException">The input ended before.</exception>
    /// <exception cref="InvalidDataException">This is no NUT.</exception>
    public void ReadHeader()
    {
        foreach (var expected in Magic)
        {
            NutBytes.Require(_in.Byte() == expected, "no NUT signature");
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

    /// <summary>
    /// Goes to the next packet, over what is unread of this one. False at the end of the input, be it clean or truncated.
    /// </summary>
    public bool TryNext(out NutPacket packet)
    {
        packet = default;
        try
        {
            _in.Skip(_left);
            (_left, _prefixLeft) = (0, 0);
            while (true)
            {
                var code = _in.Byte();
                if (code != 'N')
                {
                    packet = Frame(code);
                    return true;
                }

                _in.Unread();
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
        NutBytes.Require(destination.Length <= _prefixLeft + _left, "packet is shorter than its content");
        var head = Math.Min(_prefixLeft, destination.Length);
        _prefix.AsSpan(_prefix.Length - _prefixLeft, head).CopyTo(destination);
        _prefixLeft -= head;
        _left -= destination.Length - head;
        _in.Bytes(destination[head..]);
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
        NutBytes.Require((flags & Invalid) == 0, "invalid frame code");
        flags ^= (flags & Coded) != 0 ? _in.Small(65535) : 0;
        id = (flags & HasStreamId) != 0 ? _in.Small(_streams.Length - 1) : id;
        NutBytes.Require(id < _streams.Length, "packet of an unknown stream");
        var stream = _streams[id]!;
        stream.LastPts = (flags & CodedPts) != 0 ? FullPts(stream, _in.Varint()) : stream.LastPts + delta;
        var size = (flags & SizeMsb) != 0 ? (long)mul * _in.Small(int.MaxValue) + lsb : lsb;
        _ = (flags & MatchTime) != 0 ? _in.Varint() : 0;
        header = (flags & HeaderIndex) != 0 ? _in.Small(_elided.Length - 1) : header;
        reserved = (flags & Reserved) != 0 ? _in.Small(256) : reserved;
        for (; reserved > 0; reserved--)
        {
            _in.Varint();
        }

        _in.Skip((flags & Checksum) != 0 ? 4 : 0);
        _prefix = size > 4096 ? [] : _elided[header];
        NutBytes.Require(size >= _prefix.Length && size <= int.MaxValue, "size of a packet");
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
        var code = BinaryPrimitives.ReadUInt64BigEndian(_in.Bytes(stackalloc byte[8]));
        Block(code);
        return code;
    }

    private void Block(ulong code)
    {
        NutBytes.Require(code >> 56 == 'N', "lost in the stream");
        var size = _in.Varint();
        _in.Skip(size > 4096 ? 4 : 0);
        NutBytes.Require(size is >= 4 and <= 1 << 24, "size of a header");
        var end = _in.Consumed + size - 4;
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

        NutBytes.Require(_in.Consumed <= end, "header longer than it says");
        _in.Skip(end - _in.Consumed + 4);
    }

    private void MainHeader()
    {
        if (_in.Small(4) > 3)
        {
            _in.Varint();
        }

        var streams = new NutTrack?[_in.Small(64)];
        _in.Varint();
        _timeBases = new (long, long)[_in.Small(64)];
        foreach (ref var timeBase in _timeBases.AsSpan())
        {
            timeBase = (_in.Small(int.MaxValue), _in.Small(int.MaxValue));
            NutBytes.Require(timeBase.Num > 0 && timeBase.Den > 0, "time base of zero");
        }

        NutBytes.Require(streams.Length > 0 && _timeBases.Length > 0, "no stream");
        FrameCodes();
        _elided = new byte[_in.Small(127) + 1][];
        _elided[0] = [];
        for (var i = 1; i < _elided.Length; i++)
        {
            _elided[i] = _in.Bytes(new byte[_in.Small(256)]).ToArray();
        }

        _streams = streams;
    }

    private void FrameCodes()
    {
        var (pts, mul, stream) = (0L, 1, 0);
        for (var i = 0; i < 256;)
        {
            var flags = _in.Small(65535);
            var fields = _in.Small(256);
            pts = fields > 0 ? _in.Signed() : pts;
            mul = fields > 1 ? _in.Small(1 << 16) : mul;
            stream = fields > 2 ? _in.Small(255) : stream;
            var lsb = fields > 3 ? _in.Small(1 << 16) : 0;
            var reserved = fields > 4 ? _in.Small(256) : 0;
            var count = fields > 5 ? _in.Small(256) : mul - lsb;
            _ = fields > 6 ? _in.Signed() : 0;
            var header = fields > 7 ? _in.Small(127) : 0;
            for (var j = 8; j < fields; j++)
            {
                _in.Varint();
            }

            NutBytes.Require(count > 0, "table of frame codes");
            for (var j = 0; j < count && i < 256; i++)
            {
                // 'N' begins a header, so it is never a frame code.
                _codes[i] = i == 'N' ? (Invalid, 0, 0, 0, 0, 0, 0) : (flags, stream, mul, lsb + j++, pts, reserved, header);
            }
        }
    }

    private void StreamHeader()
    {
        var id = _in.Small(_streams.Length - 1);
        var kind = (NutKind)_in.Small(3);
        var fourCc = Encoding.Latin1.GetString(_in.Bytes(stackalloc byte[_in.Small(16)]));
        var timeBase = _timeBases[_in.Small(_timeBases.Length - 1)];
        var stream = new NutTrack { Kind = kind, FourCc = fourCc, TimeBase = timeBase, PtsShift = _in.Small(31) };
        _in.Varint();
        _in.Varint();
        _in.Varint();
        _in.Skip(_in.Small(1 << 20));
        if (kind == NutKind.Video)
        {
            (stream.Width, stream.Height) = (_in.Small(1 << 15), _in.Small(1 << 15));
            NutBytes.Require(stream.Width > 0 && stream.Height > 0, "picture of no size");
        }
        else if (kind == NutKind.Audio)
        {
            var (rate, per) = (_in.Small(int.MaxValue), _in.Small(int.MaxValue));
            NutBytes.Require(rate > 0 && per > 0 && rate / per is > 0 and <= 10_000_000, "sample rate");
            (stream.Rate, stream.Channels) = (rate / per, _in.Small(64));
            NutBytes.Require(stream.Channels > 0, "sound of no channels");
        }

        // Headers are repeated in long streams; the first one counts.
        _streams[id] ??= stream;
    }

    private void SyncPoint()
    {
        var coded = _in.Varint();
        NutBytes.Require(_streams.Length > 0 && Array.TrueForAll(_streams, s => s is not null), "packets before the headers");
        var (num, den) = _timeBases[coded % _timeBases.Length];
        foreach (var stream in _streams)
        {
            var (product, divisor) = ((Int128)(coded / _timeBases.Length) * num * stream!.TimeBase.Den, (Int128)den * stream.TimeBase.Num);
            NutBytes.Require(product / divisor < long.MaxValue / 4, "time of a syncpoint");
            stream.LastPts = (long)(product / divisor);
        }
    }

    /// <summary>Of all that may be said about a stream we want its frame rate.</summary>
    private void Info(long end)
    {
        var id = _in.Small(1 << 16) - 1;
        (_, _, _) = (_in.Signed(), _in.Varint(), _in.Varint());
        for (var left = _in.Small(1 << 16); left > 0 && _in.Consumed < end; left--)
        {
            var name = Text();
            var type = _in.Signed();
            if (type == -2)
            {
                _in.Skip(_in.Small(1 << 20));
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
                _ = type == -4 ? _in.Varint() : _in.Signed();
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
        var length = _in.Small(1 << 20);
        if (length > 256)
        {
            _in.Skip(length);
            return "";
        }

        return Encoding.UTF8.GetString(_in.Bytes(stackalloc byte[length]));
    }
}
