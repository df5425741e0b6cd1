using System.Runtime.InteropServices;

namespace OpenCvSharp;

/// <summary>A codec's four characters, the first in the lowest byte.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct FourCC(int value) : IEquatable<FourCC>
{
    public readonly int Value = value;

    public static FourCC FromInt32(int code) => new(code);
    public static FourCC FromFourChars(char c1, char c2, char c3, char c4) => new(VideoWriter.FourCC(c1, c2, c3, c4));

    /// <summary>Up to four characters, filled up with blanks.</summary>
    public static FourCC FromString(string code)
    {
        ArgumentException.ThrowIfNullOrEmpty(code);
        if (code.Length > 4) throw new ArgumentException($"\"{code}\" has more than four characters.", nameof(code));
        return VideoWriter.FourCC(code.PadRight(4));
    }

    public int ToInt32() => Value;
    public static implicit operator int(FourCC fourcc) => fourcc.Value;
    public static implicit operator FourCC(int code) => new(code);

    public bool Equals(FourCC other) => Value == other.Value;
    public override bool Equals(object? obj) => obj is FourCC other && Equals(other);
    public override int GetHashCode() => Value;
    public static bool operator ==(FourCC left, FourCC right) => left.Equals(right);
    public static bool operator !=(FourCC left, FourCC right) => !left.Equals(right);
}

/// <summary>Only the codes: files are written through FFmpeg.</summary>
public class VideoWriter : CvObject
{
    private VideoWriter()
    {
    }

    public static int FourCC(char c1, char c2, char c3, char c4) => (byte)c1 | (byte)c2 << 8 | (byte)c3 << 16 | (byte)c4 << 24;

    public static int FourCC(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (code.Length != 4) throw new ArgumentException($"\"{code}\" does not have four characters.", nameof(code));
        return FourCC(code[0], code[1], code[2], code[3]);
    }
}
