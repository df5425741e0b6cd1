using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A growing NumPy array of 32-bit floats, [count, rows, cols], C order. The count in its header is brought up to date with every item, after
/// the item itself, so the file reads at any moment. Format: NEP 1, version 1.0.
/// </summary>
internal sealed class NpyFile : IDisposable
{
    // A multiple of 64, as the format asks, with room for any count.
    private const int HeaderLength = 128;
    private readonly FileStream _file;
    private readonly byte[] _header = new byte[HeaderLength];
    private long _count;

    /// <summary>Creates the file, with no item.</summary>
    public NpyFile(string path, int rows, int cols)
    {
        (Rows, Cols) = (rows, cols);
        _file = RunFolder.CreateFile(path);
        WriteHeader();
    }

    /// <summary>Rows of an item.</summary>
    public int Rows { get; }

    /// <summary>Columns of an item.</summary>
    public int Cols { get; }

    /// <summary>Adds one item.</summary>
    /// <param name="values">Rows x Cols values.</param>
    public void Add(ReadOnlySpan<float> values)
    {
        // NumPy's "<f4" is little-endian, as is every machine that we run on.
        RandomAccess.Write(_file.SafeFileHandle, MemoryMarshal.AsBytes(values), HeaderLength + _count * Rows * Cols * sizeof(float));
        _count++;
        WriteHeader();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void WriteHeader()
    {
        ReadOnlySpan<byte> magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, HeaderLength - 10, 0];
        magic.CopyTo(_header);
        var fields = string.Create(
            CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({_count}, {Rows}, {Cols}), }}");
        var rest = _header.AsSpan(magic.Length);
        rest.Fill((byte)' ');
        Encoding.ASCII.GetBytes(fields, rest);
        rest[^1] = (byte)'\n';
        RandomAccess.Write(_file.SafeFileHandle, _header, 0);
    }
}
