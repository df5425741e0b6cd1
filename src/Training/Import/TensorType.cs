using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RealtimeSsl.Training.Import;

/// <summary>Type of a checkpoint's numbers.</summary>
public enum TensorType
{
    /// <summary>32-bit floating point.</summary>
    F32,

    /// <summary>64-bit floating point.</summary>
    F64,

    /// <summary>16-bit floating point, IEEE.</summary>
    F16,

    /// <summary>16-bit floating point with the range of 32 bits.</summary>
    BF16,

    /// <summary>Whole numbers of 64 bits.</summary>
    I64,

    /// <summary>Whole numbers of 32 bits.</summary>
    I32,

    /// <summary>Whole numbers of 16 bits.</summary>
    I16,

    /// <summary>Whole numbers of 8 bits.</summary>
    I8,

    /// <summary>Whole numbers from 0 to 255.</summary>
    U8,

    /// <summary>One byte, 0 or not.</summary>
    Bool,
}

/// <summary>Sizes and conversion of <see cref="TensorType"/>; all files are little-endian.</summary>
internal static class TensorTypes
{
    /// <summary>Bytes of a number.</summary>
    public static int Size(TensorType type) => type switch
    {
        TensorType.F64 or TensorType.I64 => 8,
        TensorType.F32 or TensorType.I32 => 4,
        TensorType.F16 or TensorType.BF16 or TensorType.I16 => 2,
        _ => 1,
    };

    /// <summary>Converts as many numbers as <paramref name="values"/> takes.</summary>
    public static void ToFloats(TensorType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (type == TensorType.F32 && BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(values));
            return;
        }

        var size = Size(type);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ToFloat(type, bytes.Slice(i * size, size));
        }
    }

    private static float ToFloat(TensorType type, ReadOnlySpan<byte> b) => type switch
    {
        TensorType.F32 => BinaryPrimitives.ReadSingleLittleEndian(b),
        TensorType.F64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(b),
        TensorType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(b),
        TensorType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(b) << 16),
        TensorType.I64 => BinaryPrimitives.ReadInt64LittleEndian(b),
        TensorType.I32 => BinaryPrimitives.ReadInt32LittleEndian(b),
        TensorType.I16 => BinaryPrimitives.ReadInt16LittleEndian(b),
        TensorType.I8 => (sbyte)b[0],
        TensorType.U8 => b[0],
        _ => b[0] == 0 ? 0 : 1,
    };
}
