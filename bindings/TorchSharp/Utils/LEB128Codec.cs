namespace TorchSharp.Utils;

/// <summary>Numbers from 0 in seven bits a byte, lowest first; the eighth says that more follow.</summary>
internal static class LEB128Codec
{
    public static void Encode(this BinaryWriter writer, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value > 0x7f; value >>= 7)
        {
            writer.Write((byte)(value & 0x7f | 0x80));
        }
        writer.Write((byte)value);
    }

    public static long Decode(this BinaryReader reader)
    {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var b = reader.ReadByte();
            value |= (long)(b & 0x7f) << shift;
            if ((b & 0x80) == 0)
            {
                return value;
            }
        }
        throw new InvalidDataException("a number of more than 63 bits");
    }
}
