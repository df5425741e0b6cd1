using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using RealtimeSsl.Training.Import;

namespace RealtimeSsl.Training.Data.Cache;

/// <summary>What an entry of a cache holds.</summary>
internal enum CachedKind
{
    /// <summary>Height x Width x 3 bytes, R, G, B.</summary>
    Picture = 1,

    /// <summary>Mono samples of 16 bits; Width is the rate in Hz.</summary>
    Sound = 2,

    /// <summary>A complaint (UTF-8): the file cannot be read, and trying again would not help.</summary>
    Damaged = 3,

    /// <summary>Height x Width x 2 floats of 16 bits: what <see cref="CachedMotion"/> makes. Nothing where no picture went before.</summary>
    Motion = 4,
}

/// <summary>Where an entry lies in its shard.</summary>
internal readonly record struct ShardEntry(UInt128 Key, CachedKind Kind, int Width, int Height, long Offset, long Length);

/// <summary>
/// A finished file of decoded media, mapped into memory: payloads, then an index, then a footer with the index's place and checksum. A file that
/// was cut short has no footer, and is no shard.
/// </summary>
internal sealed unsafe class Shard : IDisposable
{
    public const string Extension = ".shard";
    public const int EntryBytes = 16 + 3 * sizeof(int) + 2 * sizeof(long);
    public const int FooterBytes = 32;

    /// <summary>Begins the file and ends it.</summary>
    public static ReadOnlySpan<byte> Magic => "RSSLSHD1"u8;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _memory;

    private Shard(string path, long length, MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        (Path, Length, _file, _view) = (path, length, file, view);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _memory);
        _memory += view.PointerOffset;
    }

    public string Path { get; }

    public long Length { get; }

    public IReadOnlyList<ShardEntry> Entries { get; private set; } = [];

    /// <summary>Maps a shard; null where the file is none, or only a part of one.</summary>
    public static Shard? TryOpen(string path)
    {
        var length = new FileInfo(path).Length;
        if (length < Magic.Length + FooterBytes)
        {
            return null;
        }

        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        var shard = new Shard(path, length, file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read));
        if (shard.ReadIndex())
        {
            return shard;
        }

        shard.Dispose();
        return null;
    }

    /// <summary>The payload of an entry.</summary>
    public ReadOnlySpan<byte> Payload(ShardEntry entry) => new(_memory + entry.Offset, checked((int)entry.Length));

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private bool ReadIndex()
    {
        var footer = new ReadOnlySpan<byte>(_memory + Length - FooterBytes, FooterBytes);
        var index = BinaryPrimitives.ReadInt64LittleEndian(footer);
        var count = BinaryPrimitives.ReadInt32LittleEndian(footer[8..]);
        var sum = BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]);
        var total = BinaryPrimitives.ReadInt64LittleEndian(footer[16..]);
        if (!footer[24..].SequenceEqual(Magic) || total != Length || count < 0 || index < 0
            || index + (long)count * EntryBytes + FooterBytes != Length)
        {
            return false;
        }

        var bytes = new ReadOnlySpan<byte>(_memory + index, count * EntryBytes);
        if (Crc32.Of(bytes) != sum)
        {
            return false;
        }

        var entries = new ShardEntry[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = Decode(bytes.Slice(i * EntryBytes, EntryBytes));
            if (entries[i].Offset < 0 || entries[i].Length < 0 || entries[i].Offset + entries[i].Length > index)
            {
                return false;
            }
        }

        Entries = entries;
        return true;
    }

    public static void Encode(in ShardEntry entry, Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, entry.Key);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], (int)entry.Kind);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], entry.Width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], entry.Height);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[28..], entry.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[36..], entry.Length);
    }

    private static ShardEntry Decode(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt128LittleEndian(bytes),
        (CachedKind)BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[28..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[36..]));
}
