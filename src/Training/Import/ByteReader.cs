using System.Buffers.Binary;
using System.Text;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// Reads a stretch of a checkpoint forwards. Every length is held against what is left of the stretch before anything is allocated for it:
/// a file cannot ask for more memory than it is long.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="stretch">What of it; lies within it.</param>
/// <param name="what">What it is, for errors: "archive/data.pkl".</param>
internal sealed class ByteReader(CheckpointFile file, FileStretch stretch, string what)
{
    private const int LongestLine = 1024;

    private readonly byte[] _buffer = new byte[(int)Math.Min(1 << 15, stretch.Length)];
    private long _bufferAt = stretch.Offset;
    private int _filled;
    private int _next;

    /// <summary>Offset of the next byte in the file.</summary>
    public long Position => _bufferAt + _next;

    /// <summary>Bytes left.</summary>
    public long Left => stretch.Offset + stretch.Length - Position;

    /// <summary>The next byte.</summary>
    public byte Byte()
    {
        if (_next == _filled)
        {
            Need(1);
            (_bufferAt, _next, _filled) = (Position, 0, 0);
            var length = (int)Math.Min(_buffer.Length, stretch.Offset + stretch.Length - _bufferAt);
            file.Read(_bufferAt, _buffer.AsSpan(0, length));
            _filled = length;
        }

        return _buffer[_next++];
    }

    /// <summary>The next bytes.</summary>
    public byte[] Bytes(ulong count)
    {
        Need(count);
        var bytes = new byte[count];
        var fromBuffer = Math.Min(bytes.Length, _filled - _next);
        _buffer.AsSpan(_next, fromBuffer).CopyTo(bytes);
        _next += fromBuffer;
        if (fromBuffer < bytes.Length)
        {
            file.Read(Position, bytes.AsSpan(fromBuffer));
            Skip((ulong)(bytes.Length - fromBuffer));
        }

        return bytes;
    }

    /// <summary>Goes past bytes.</summary>
    public void Skip(ulong count)
    {
        Need(count);
        (_bufferAt, _next, _filled) = (Position + (long)count, 0, 0);
    }

    /// <summary>An unsigned little-endian number of 1, 2, 4 or 8 bytes.</summary>
    public ulong Number(int bytes)
    {
        var value = 0UL;
        for (var i = 0; i < bytes; i++)
        {
            value |= (ulong)Byte() << (8 * i);
        }

        return value;
    }

    /// <summary>A double, its highest byte first (pickle's BINFLOAT).</summary>
    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Bytes(8));

    /// <summary>Text up to a line feed, which is passed.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (var c = Byte(); c != (byte)'\n'; c = Byte())
        {
            if (line.Length == LongestLine)
            {
                throw Refuse($"a name of more than {LongestLine} letters at byte {Position}");
            }

            line.Append((char)c);
        }

        return line.ToString();
    }

    /// <summary>Holds that as many bytes are left.</summary>
    public void Need(ulong count)
    {
        if (count > (ulong)Left)
        {
            throw Refuse($"at byte {Position} it asks for {count} bytes, {Left} are left: the file was cut off or is damaged; download it again");
        }

        if (count > (ulong)Array.MaxLength)
        {
            throw Refuse($"at byte {Position} it asks for {count} bytes at once: no checkpoint does");
        }
    }

    /// <summary>An error that names the file and the part of it.</summary>
    public ImportException Refuse(string reason) => file.Refuse($"{what}: {reason}");
}
