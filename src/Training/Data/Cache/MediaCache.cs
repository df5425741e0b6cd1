using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Data.Cache;

/// <summary>
/// Decoded media on the disk, so that each file is decoded once and not once an epoch. Entries are found by what they were made from: the file's
/// path, size and time of change, and how it was decoded; a file that changed is simply another one. They lie in shards of 64 MB that are mapped
/// into memory, written whole or not at all; what a killed program leaves behind is removed. The size has a bound: shards that were not used for
/// longest go first. Several programs may share a folder.
/// </summary>
public sealed class MediaCache : IDisposable
{
    private const long ShardBytes = 64 << 20;
    private readonly IClock _clock;
    private readonly ILog _log;
    private readonly long _maxBytes;
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, (Shard Shard, ShardEntry Entry)> _entries = [];
    private readonly List<Shard> _shards = [];
    private readonly HashSet<Shard> _used = [];
    private ShardWriter? _writer;
    private bool _disposed;

    /// <summary>Opens a cache; makes the folder if need be.</summary>
    /// <param name="folder">Where the shards lie.</param>
    /// <param name="maxBytes">The most that they may take.</param>
    /// <param name="clock">Tells when shards were used.</param>
    /// <param name="log">Told of damaged shards.</param>
    /// <exception cref="TrainingDataException">The folder cannot be used.</exception>
    public MediaCache(string folder, long maxBytes, IClock clock, ILog log)
    {
        (Folder, _maxBytes, _clock, _log) = (Path.GetFullPath(folder), maxBytes, clock, log);
        try
        {
            Directory.CreateDirectory(Folder);
            RemoveLeftovers();
            foreach (var path in Directory.EnumerateFiles(Folder, "*" + Shard.Extension).Order(StringComparer.Ordinal))
            {
                if (!TryLoad(path))
                {
                    _log.Warn($"{path}: damaged, removed; what it held is decoded anew");
                    File.Delete(path);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingDataException($"{Folder}: no cache can be kept here ({e.Message.TrimEnd('.')}); name another folder", e);
        }
    }

    /// <summary>Where the shards lie.</summary>
    public string Folder { get; }

    /// <summary>What the shards take, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _shards.Sum(s => s.Length) + (_writer?.Length ?? 0);
            }
        }
    }

    /// <summary>The name of what is made from a file in a certain way.</summary>
    internal static UInt128 Key(string path, string how)
    {
        var file = new FileInfo(path);
        var identity = string.Create(CultureInfo.InvariantCulture, $"{how}|{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}");
        return BitConverter.ToUInt128(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>Whether there is an entry, be it a complaint.</summary>
    internal bool Contains(UInt128 key)
    {
        lock (_gate)
        {
            return _entries.ContainsKey(key);
        }
    }

    /// <summary>Finds an entry; it stays valid until the cache is disposed.</summary>
    internal bool TryGet(UInt128 key, out CachedMedia media)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_entries.TryGetValue(key, out var found))
            {
                media = default;
                return false;
            }

            _used.Add(found.Shard);
            media = new CachedMedia(found.Shard, found.Entry);
            return true;
        }
    }

    /// <summary>Adds an entry. It is there after <see cref="Flush"/>, or when its shard is full.</summary>
    /// <exception cref="TrainingDataException">The bound is reached, or the disk is full.</exception>
    internal void Add(UInt128 key, CachedKind kind, int width, int height, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            try
            {
                Reserve(payload.Length);
                _writer ??= new ShardWriter(Folder);
                _writer.Add(key, kind, width, height, payload);
                if (_writer.Length >= ShardBytes)
                {
                    Seal();
                }
            }
            catch (IOException e)
            {
                throw new TrainingDataException($"{Folder}: the cache cannot be written ({e.Message.TrimEnd('.')}); make room, or name another folder", e);
            }
        }
    }

    /// <summary>Finishes the shard that is being written.</summary>
    internal void Flush()
    {
        lock (_gate)
        {
            Seal();
            var now = _clock.ToUtc(_clock.Now);
            foreach (var shard in _used)
            {
                File.SetLastWriteTimeUtc(shard.Path, now);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _writer?.Dispose();
            _shards.ForEach(s => s.Dispose());
            _shards.Clear();
            _entries.Clear();
        }
    }

    private void Seal()
    {
        if (_writer is { Count: > 0 } writer)
        {
            TryLoad(writer.Seal());
        }

        _writer?.Dispose();
        _writer = null;
    }

    private bool TryLoad(string path)
    {
        if (Shard.TryOpen(path) is not { } shard)
        {
            return false;
        }

        _shards.Add(shard);
        foreach (var entry in shard.Entries)
        {
            _entries[entry.Key] = (shard, entry);
        }

        return true;
    }

    /// <summary>Makes room by letting go of what this program has not used, longest unused first.</summary>
    private void Reserve(long bytes)
    {
        while (Bytes + bytes > _maxBytes)
        {
            var oldest = _shards.Where(s => !_used.Contains(s)).MinBy(s => File.GetLastWriteTimeUtc(s.Path))
                ?? throw new TrainingDataException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Folder}: the cache is full ({Bytes / 1e9:0.0} of {_maxBytes / 1e9:0.0} GB) and these data need all of it; allow more, or take smaller pictures"));
            _shards.Remove(oldest);
            foreach (var entry in oldest.Entries.Where(e => _entries.TryGetValue(e.Key, out var at) && at.Shard == oldest))
            {
                _entries.Remove(entry.Key);
            }

            oldest.Dispose();
            File.Delete(oldest.Path);
        }
    }

    private void RemoveLeftovers()
    {
        foreach (var part in Directory.EnumerateFiles(Folder, "*" + ShardWriter.PartExtension))
        {
            try
            {
                // Whoever still writes it holds a lock on it.
                new FileStream(part, FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
                File.Delete(part);
            }
            catch (IOException)
            {
                _log.Info($"{part}: another program is writing it");
            }
        }
    }
}

/// <summary>A decoded picture or sound in the cache.</summary>
internal readonly struct CachedMedia(Shard shard, ShardEntry entry)
{
    public CachedKind Kind => entry.Kind;

    public int Width => entry.Width;

    public int Height => entry.Height;

    public ReadOnlySpan<byte> Bytes => shard.Payload(entry);

    public string Complaint => Encoding.UTF8.GetString(Bytes);
}
