using System.Buffers.Binary;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A heatmap as bytes: a header of 40, then rows x cols, row by row from the top left, 0 = certainly not here, 255 = certainly here. Little-endian:
/// <code>
///  0 char[4] "RSLH"     4 u8 version, 1    5 u8 length of the header, 40    6 u16 rows    8 u16 cols    10 u16 0
/// 12 f32 low           16 f32 high        20 f32 presence                  24 u64 seq    32 i64 captured_at, µs since 1970 UTC
/// </code>
/// Low and high are the raw scores of 0 and 255. Readers skip as many bytes as the header says it has.
/// </summary>
internal sealed class HeatmapMessage
{
    /// <summary>Length of the header of this version.</summary>
    public const int HeaderLength = 40;

    private byte[] _bytes = [];

    /// <summary>Writes the message.</summary>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Write(Localization found)
    {
        var map = found.Heatmap;
        var cells = map.Rows * map.Cols;
        if (_bytes.Length < HeaderLength + cells)
        {
            _bytes = new byte[HeaderLength + cells];
        }

        var header = _bytes.AsSpan(0, HeaderLength);
        header.Clear();
        "RSLH"u8.CopyTo(header);
        (header[4], header[5]) = (1, HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)map.Rows);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], (ushort)map.Cols);
        BinaryPrimitives.WriteSingleLittleEndian(header[12..], map.Low);
        BinaryPrimitives.WriteSingleLittleEndian(header[16..], map.High);
        BinaryPrimitives.WriteSingleLittleEndian(header[20..], (float)found.Presence);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)found.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], (found.CapturedAt - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        for (var i = 0; i < cells; i++)
        {
            _bytes[HeaderLength + i] = (byte)MathF.Round(255 * map.Normalised(i));
        }

        return _bytes.AsSpan(0, HeaderLength + cells);
    }
}
