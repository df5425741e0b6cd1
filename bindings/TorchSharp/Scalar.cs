using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>A number of any type as operators take it. Holds nothing native, so disposing it does nothing.</summary>
public sealed class Scalar : IDisposable
{
    private readonly double real;
    private readonly long integer;

    private Scalar(torch.ScalarType type, double real, long integer) => (Type, this.real, this.integer) = (type, real, integer);

    internal static Scalar Of(torch.ScalarType type, double value) => new(type, value, 0);
    internal static Scalar Of(torch.ScalarType type, long value) => new(type, value, value);

    public torch.ScalarType Type { get; }

    public static implicit operator Scalar(byte value) => Of(torch.ScalarType.Int64, (long)value);
    public static implicit operator Scalar(sbyte value) => Of(torch.ScalarType.Int64, (long)value);
    public static implicit operator Scalar(short value) => Of(torch.ScalarType.Int64, (long)value);
    public static implicit operator Scalar(int value) => Of(torch.ScalarType.Int64, (long)value);
    public static implicit operator Scalar(long value) => Of(torch.ScalarType.Int64, value);
    public static implicit operator Scalar(float value) => Of(torch.ScalarType.Float64, value);
    public static implicit operator Scalar(double value) => Of(torch.ScalarType.Float64, value);
    public static implicit operator Scalar(bool value) => Of(torch.ScalarType.Bool, value ? 1L : 0L);

    internal Arg ToArg() => Type switch
    {
        torch.ScalarType.Bool => integer != 0,
        _ when IsReal => real,
        _ => integer,
    };

    private bool IsReal => Type.IsFloatingPoint();
    internal double Real => real;
    internal long Integer => IsReal ? (long)real : integer;

    public void Dispose()
    {
    }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;

    public static float ToSingle(this Scalar value) => (float)value.Real;
    public static double ToDouble(this Scalar value) => value.Real;
    public static sbyte ToSByte(this Scalar value) => checked((sbyte)value.Integer);
    public static byte ToByte(this Scalar value) => checked((byte)value.Integer);
    public static short ToInt16(this Scalar value) => checked((short)value.Integer);
    public static int ToInt32(this Scalar value) => checked((int)value.Integer);
    public static long ToInt64(this Scalar value) => value.Integer;
    public static bool ToBoolean(this Scalar value) => value.Real != 0;
}
