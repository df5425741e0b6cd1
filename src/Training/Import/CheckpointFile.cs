using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace RealtimeSsl.Training.Import;

/// <summary>A part of a file.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct FileStretch(long Offset, long Length);

/// <summary>
/// A checkpoint as bytes on disk, which come from strangers: every read is of a stretch that is known to lie within the file, and nothing is held in
/// memory, so that a file of gigabytes costs what is asked of it.
/// </summary>
internal sealed class CheckpointFile : IDisposable
{
    private const int Chunk = 1 << 16;

    private readonly SafeFileHandle _handle;

    /// <summary>Opens a file.</summary>
    /// <exception cref="ImportException">It is not there, or cannot be read.</exception>
    public CheckpointFile(string path)
    {
        Path = path;
        try
        {
            _handle = File.OpenHandle(path);
            Length = RandomAccess.GetLength(_handle);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImportException($"{path}: not there; give the path of a checkpoint (.pth, .pth.tar, .pt, .ckpt, .safetensors)", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ImportException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from the file.</summary>
    /// <exception cref="ImportException">The file ends before.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = offset < 0 || offset >= Length ? 0 : RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
            {
                throw Refuse($"it ends at byte {Length}, something in it is said to lie at {offset}: it was cut off; download it again");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>Hands a stretch out in pieces of at most 64 KiB.</summary>
    public void ReadThrough(FileStretch stretch, ReadOnlySpanAction use)
    {
        var buffer = new byte[(int)Math.Min(Chunk, stretch.Length)];
        for (var done = 0L; done < stretch.Length;)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, stretch.Length - done));
            Read(stretch.Offset + done, piece);
            use(piece);
            done += piece.Length;
        }
    }

    /// <summary>SHA-256 of the whole file, in hex.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ReadThrough(new FileStretch(0, Length), hash.AppendData);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>An error that names the file. Names from the file may be in it: they cannot move a terminal's cursor.</summary>
    public ImportException Refuse(string reason) => new($"{Path}: {Printable(reason)}");

    /// <summary>Text of the file without characters that are no letters: control characters, changes of direction.</summary>
    public static string Printable(string text) =>
        string.Create(text.Length, text, (span, t) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(t[i]) || char.GetUnicodeCategory(t[i]) == UnicodeCategory.Format ? '?' : t[i];
            }
        });

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Takes a piece of a file.</summary>
    public delegate void ReadOnlySpanAction(ReadOnlySpan<byte> piece);
}
