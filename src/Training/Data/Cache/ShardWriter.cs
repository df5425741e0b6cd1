using System.Buffers.Binary;
using RealtimeSsl.Training.Import;

namespace RealtimeSsl.Training.Data.Cache;

/// <summary>
/// Writes a shard under another name, on which it holds a lock, and gives it its own by one rename when it is whole and on the disk: whenever the
/// program is killed, there is a whole shard or none.
/// </summary>
internal sealed class ShardWriter : IDisposable
{
    public const string PartExtension = ".part";
    private const int Alignment = 64;
    private readonly string _path;
    private readonly FileStream _file;
    private readonly List<ShardEntry> _entries = [];
    private bool _sealed;

    public ShardWriter(string folder)
    {
        _path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        _file = new FileStream(_path + PartExtension, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        _file.Write(Shard.Magic);
    }

    public long Length => _file.Position;

    public int Count => _entries.Count;

    public void Add(UInt128 key, CachedKind kind, int width, int height, ReadOnlySpan<byte> payload)
    {
        var gap = (int)(-_file.Position & (Alignment - 1));
        _file.Write(stackalloc byte[gap]);
        _entries.Add(new ShardEntry(key, kind, width, height, _file.Position, payload.Length));
        _file.Write(payload);
    }

    /// <summary>Finishes the shard.</summary>
    /// <returns>Its path.</returns>
    public string Seal()
    {
        var index = _file.Position;
        var bytes = new byte[_entries.Count * Shard.EntryBytes + Shard.FooterBytes];
        for (var i = 0; i < _entries.Count; i++)
        {
            Shard.Encode(_entries[i], bytes.AsSpan(i * Shard.EntryBytes));
        }

        var footer = bytes.AsSpan(bytes.Length - Shard.FooterBytes);
        BinaryPrimitives.WriteInt64LittleEndian(footer, index);
        BinaryPrimitives.WriteInt32LittleEndian(footer[8..], _entries.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], Crc32.Of(bytes.AsSpan(0, bytes.Length - Shard.FooterBytes)));
        BinaryPrimitives.WriteInt64LittleEndian(footer[16..], index + bytes.Length);
        Shard.Magic.CopyTo(footer[24..]);
        _file.Write(bytes);
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_path + PartExtension, _path + Shard.Extension);
        _sealed = true;
        return _path + Shard.Extension;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_sealed)
        {
            File.Delete(_path + PartExtension);
        }
    }
}
