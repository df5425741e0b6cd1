namespace RealtimeSsl.Capture.Media;

/// <summary>The bytes and numbers of a NUT stream, buffered. The end of the input is an <see cref="EndOfStreamException"/>.</summary>
/// <param name="input">Read once, front to back.</param>
internal sealed class NutBytes(Stream input)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _begin, _end;

    /// <summary>How many bytes were read.</summary>
    public long Consumed { get; private set; }

    /// <summary>Puts the byte back that was read last.</summary>
    public void Unread()
    {
        _begin--;
        Consumed--;
    }

    /// <summary>A number that is at most this.</summary>
    public int Small(int max)
    {
        var value = Varint();
        Require(value <= max, "number out of range");
        return (int)value;
    }

    /// <summary>A number with a sign: 0, 1, -1, 2, -2, ...</summary>
    public long Signed()
    {
        var value = Varint() + 1;
        return (value & 1) != 0 ? -(value >> 1) : value >> 1;
    }

    /// <summary>A number of seven bits a byte, most significant first, the last byte without its top bit.</summary>
    public long Varint()
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

    /// <summary>One byte.</summary>
    public int Byte()
    {
        if (_begin == _end)
        {
            Fill();
        }

        Consumed++;
        return _buffer[_begin++];
    }

    /// <summary>Fills the destination, and gives it back.</summary>
    public Span<byte> Bytes(Span<byte> destination)
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
            Consumed += got;
        }

        return destination;
    }

    /// <summary>Goes over that many bytes.</summary>
    public void Skip(long count)
    {
        while (count > 0)
        {
            if (_begin == _end)
            {
                Fill();
            }

            var step = (int)Math.Min(count, _end - _begin);
            _begin += step;
            Consumed += step;
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

    /// <summary>What must hold in an undamaged stream.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    public static void Require(bool condition, string complaint)
    {
        if (!condition)
        {
            throw new InvalidDataException($"damaged media stream: {complaint}");
        }
    }
}
