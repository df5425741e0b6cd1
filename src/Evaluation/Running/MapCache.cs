using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// The journal of an evaluation: finished samples, one after the other, behind a line that says what they were made of. A record that was cut short
/// (a power cut, a full disk) ends it; what came before counts.
/// </summary>
public sealed class MapCache : IDisposable
{
    private readonly FileStream _file;
    private readonly Dictionary<int, SampleMaps> _maps = [];

    private MapCache(FileStream file) => _file = file;

    /// <summary>What is there already, by sample.</summary>
    public IReadOnlyDictionary<int, SampleMaps> Maps => _maps;

    /// <summary>Opens or begins a journal.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">Model, data and seeds; a journal of another one is begun anew.</param>
    public static MapCache Open(string path, string fingerprint)
    {
        var cache = new MapCache(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        cache.Load(Encoding.UTF8.GetBytes($"realtimessl/evaluation-3 {fingerprint}\n"));
        return cache;
    }

    /// <summary>Adds a finished sample.</summary>
    public void Add(SampleMaps maps)
    {
        var record = Write(maps);
        Span<byte> head = stackalloc byte[8];
        MemoryMarshal.Write(head, record.Length);
        Check(record).CopyTo(head[4..]);
        _file.Write(head);
        _file.Write(record);
        _maps[maps.Index] = maps;
    }

    /// <summary>What was added is on its way to the disk.</summary>
    public void Flush() => _file.Flush();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Load(byte[] header)
    {
        var found = new byte[header.Length];
        if (_file.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) != found.Length || !found.AsSpan().SequenceEqual(header))
        {
            _file.SetLength(0);
            _file.Write(header);
            return;
        }

        var (good, head) = (_file.Position, new byte[8]);
        while (_file.ReadAtLeast(head, 8, throwOnEndOfStream: false) == 8)
        {
            var length = MemoryMarshal.Read<int>(head);
            if (length < 0 || length > _file.Length - _file.Position)
            {
                break;
            }

            var record = new byte[length];
            _file.ReadExactly(record);
            if (!Check(record).SequenceEqual(head.AsSpan(4)))
            {
                break;
            }

            var maps = Read(record);
            _maps[maps.Index] = maps;
            good = _file.Position;
        }

        _file.SetLength(good);
        _file.Position = good;
    }

    private static ReadOnlySpan<byte> Check(byte[] record) => SHA256.HashData(record).AsSpan(0, 4);

    private static byte[] Write(SampleMaps m)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var number in new[] { m.Index, m.Rows, m.Cols, m.SalientRows, m.SalientCols })
        {
            writer.Write(number);
        }

        foreach (var map in new[] { m.Own, m.Other, m.Silence, m.Noise })
        {
            Floats(map?.Scores ?? []);
            writer.Write(map?.Evidence ?? 0);
        }

        foreach (var values in new[] { m.Salient, m.PictureVector, m.SoundVector, m.PictureProjected, m.SoundProjected })
        {
            Floats(values);
        }

        writer.Write(m.ByClass.Count);
        foreach (var (name, map) in m.ByClass)
        {
            writer.Write(name);
            Floats(map);
        }

        return bytes.ToArray();

        void Floats(float[] values)
        {
            writer.Write(values.Length);
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    private static SampleMaps Read(byte[] record)
    {
        using var reader = new BinaryReader(new MemoryStream(record));
        var numbers = Enumerable.Range(0, 5).Select(_ => reader.ReadInt32()).ToArray();
        var maps = Enumerable.Range(0, 4).Select(_ => Floats() is { Length: > 0 } scores ? new HeardMap(scores, reader.ReadSingle()) : Skip()).ToArray();
        return new SampleMaps
        {
            Index = numbers[0], Rows = numbers[1], Cols = numbers[2], SalientRows = numbers[3], SalientCols = numbers[4],
            Own = maps[0]!, Other = maps[1], Silence = maps[2], Noise = maps[3], Salient = Floats(), PictureVector = Floats(), SoundVector = Floats(),
            PictureProjected = Floats(), SoundProjected = Floats(),
            ByClass = Enumerable.Range(0, reader.ReadInt32()).Select(_ => (Name: reader.ReadString(), Map: Floats())).ToDictionary(c => c.Name, c => c.Map),
        };

        HeardMap? Skip()
        {
            reader.ReadSingle();
            return null;
        }

        float[] Floats()
        {
            var values = new float[reader.ReadInt32()];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }
    }
}
