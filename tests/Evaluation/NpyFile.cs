using System.Text;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>A NumPy array as a file.</summary>
internal static class NpyFile
{
    public static byte[] Of(int rows, int cols, float[] values)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. values.SelectMany(BitConverter.GetBytes)];
    }
}
