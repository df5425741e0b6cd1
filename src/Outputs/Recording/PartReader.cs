using System.Buffers;
using System.Buffers.Binary;

namespace RealtimeSsl.Outputs;

/// <summary>Cuts the fragmented MP4 that an encoder writes into parts, as they come out of its pipe.</summary>
/// <param name="input">The encoder's output.</param>
/// <param name="run">Whose parts they are; gets its header from here.</param>
internal sealed class PartReader(Stream input, EncoderRun run)
{
    private const int MostBytes = 256 << 20;
    private readonly byte[] _head = new byte[8];
    private readonly ArrayBufferWriter<byte> _header = new();

    /// <summary>The next part; null at the end. A part that was cut off is none.</summary>
    /// <exception cref="InvalidDataException">This is no fragmented MP4.</exception>
    /// <exception cref="IOException">The pipe broke.</exception>
    public Part? Read()
    {
        while (input.ReadAtLeast(_head, 8, throwOnEndOfStream: false) == 8)
        {
            var size = Size();
            if (_head.AsSpan(4).SequenceEqual("moof"u8))
            {
                return Fragment(size);
            }

            var box = new byte[size];
            _head.CopyTo(box, 0);
            if (!Fill(box.AsSpan(8)))
            {
                return null;
            }

            if (_head.AsSpan(4).SequenceEqual("ftyp"u8) || _head.AsSpan(4).SequenceEqual("moov"u8))
            {
                _header.Write(box);
            }

            if (_head.AsSpan(4).SequenceEqual("moov"u8))
            {
                run.Tracks = Mp4.Tracks(box);
                run.Header = _header.WrittenSpan.ToArray();
            }
        }

        return null;
    }

    private Part? Fragment(int moof)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(moof + 8);
        _head.CopyTo(bytes, 0);
        if (!Fill(bytes.AsSpan(8, moof - 8)) || !Fill(_head))
        {
            return null;
        }

        if (!_head.AsSpan(4).SequenceEqual("mdat"u8))
        {
            throw new InvalidDataException("a fragment without its data");
        }

        var mdat = Size();
        var whole = ArrayPool<byte>.Shared.Rent(moof + mdat);
        bytes.AsSpan(0, moof).CopyTo(whole);
        ArrayPool<byte>.Shared.Return(bytes);
        _head.CopyTo(whole, moof);
        return Fill(whole.AsSpan(moof + 8, mdat - 8)) ? new Part(run, whole, moof + mdat, Mp4.Runs(whole.AsSpan(0, moof))) : null;
    }

    private int Size() => BinaryPrimitives.ReadUInt32BigEndian(_head) is >= 8 and <= MostBytes and var size ? (int)size
        : throw new InvalidDataException("a box of impossible size");

    private bool Fill(Span<byte> to) => input.ReadAtLeast(to, to.Length, throwOnEndOfStream: false) == to.Length;
}
