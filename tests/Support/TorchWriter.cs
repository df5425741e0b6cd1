using System.IO.Compression;
using System.Text;

namespace RealtimeSsl.Tests.Support;

/// <summary>An entry of a zip archive; <see cref="Deflate"/> is what torch.save never does.</summary>
public sealed record TorchEntry(string Name, byte[] Content)
{
    public bool Deflate { get; init; }

    public uint? Crc { get; init; }
}

/// <summary>
/// Writes checkpoints byte for byte as torch.save lays them out: zip since 1.6 (stored entries aligned to 64 bytes, sizes after the data, 64-bit end record),
/// the legacy layout before, and safetensors.
/// </summary>
public static class TorchWriter
{
    private static readonly uint[] Table =
        [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) != 0 ? 0xEDB88320 ^ c >> 1 : c >> 1))];

    /// <summary>torch.save since 1.6.</summary>
    public static byte[] Zip(object? root) => Archive(Entries(root));

    /// <summary>The entries of such a file, for a test to change.</summary>
    public static List<TorchEntry> Entries(object? root, string folder = "archive")
    {
        var writer = new PickleWriter(legacy: false);
        var pickle = writer.Dump(root);
        return
        [
            new($"{folder}/data.pkl", pickle),
            new($"{folder}/byteorder", "little"u8.ToArray()),
            .. writer.Storages.Select((s, i) => new TorchEntry($"{folder}/data/{i}", s.Bytes)),
            new($"{folder}/version", "3\n"u8.ToArray()),
            new($"{folder}/.data/serialization_id", Encoding.ASCII.GetBytes(new string('1', 40))),
        ];
    }

    /// <summary>The archive of these entries.</summary>
    public static byte[] Archive(IReadOnlyList<TorchEntry> entries)
    {
        var file = new MemoryStream(entries.Sum(e => e.Content.Length + 512));
        var directory = new MemoryStream();
        foreach (var entry in entries)
        {
            var name = Encoding.UTF8.GetBytes(entry.Name);
            var stored = entry.Deflate ? Deflated(entry.Content) : entry.Content;
            var method = entry.Deflate ? 8 : 0;
            var crc = entry.Crc ?? Crc(entry.Content);
            var header = (uint)file.Position;
            var padding = (int)(64 - (file.Position + 30 + name.Length + 4) % 64) % 64;
            Write(file, 4, 0x04034b50, 2, 0, 2, 0x0808, 2, method, 4, 0, 4, 0, 4, 0, 4, 0, 2, name.Length, 2, 4 + padding);
            file.Write(name);
            Write(file, 2, 0x4246, 2, padding);
            file.Write(Enumerable.Repeat((byte)'Z', padding).ToArray());
            file.Write(stored);
            Write(file, 4, 0x08074b50, 4, crc, 4, stored.Length, 4, entry.Content.Length);
            Write(directory, 4, 0x02014b50, 2, 0, 2, 0, 2, 0x0808, 2, method, 4, 0, 4, crc, 4, stored.Length, 4, entry.Content.Length,
                2, name.Length, 2, 0, 2, 0, 2, 0, 2, 0, 4, 0, 4, header);
            directory.Write(name);
        }

        var (offset, size) = (file.Position, directory.Length);
        directory.WriteTo(file);
        var end = file.Position;
        Write(file, 4, 0x06064b50, 8, 44, 2, 0x031e, 2, 45, 4, 0, 4, 0, 8, entries.Count, 8, entries.Count, 8, size, 8, offset);
        Write(file, 4, 0x07064b50, 4, 0, 8, end, 4, 1);
        Write(file, 4, 0x06054b50, 2, 0, 2, 0, 2, entries.Count, 2, entries.Count, 4, size, 4, offset, 2, 0);
        return file.ToArray();
    }

    /// <summary>torch.save before 1.6.</summary>
    public static byte[] Legacy(object? root)
    {
        var writer = new PickleWriter(legacy: true);
        var pickle = writer.Dump(root);
        var file = new MemoryStream(pickle.Length + writer.Storages.Sum(s => s.Bytes.Length + 64) + 512);
        file.Write([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);
        file.Write(writer.Dump(1001));
        file.Write(writer.Dump(new TorchDict
        {
            { "protocol_version", 1001 }, { "little_endian", true }, { "type_sizes", new TorchDict { { "short", 2 }, { "int", 4 }, { "long", 4 } } },
        }));
        file.Write(pickle);
        var storages = writer.Storages.OrderBy(writer.Key, StringComparer.Ordinal).ToList();
        file.Write(writer.Dump(new List<object?>(storages.Select(writer.Key))));
        foreach (var storage in storages)
        {
            Write(file, 8, storage.Count);
            file.Write(storage.Bytes);
        }

        return file.ToArray();
    }

    /// <summary>safetensors, float32.</summary>
    public static byte[] SafeTensors(IEnumerable<KeyValuePair<string, TorchTensor>> tensors)
    {
        var (header, data) = (new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}"), new MemoryStream());
        foreach (var (name, tensor) in tensors)
        {
            var type = tensor.Storage.Type == "FloatStorage" ? "F32" : "I64";
            header.Append(null, $",\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(",", tensor.Shape)}],\"data_offsets\":[{data.Length},");
            data.Write(tensor.Storage.Bytes);
            header.Append(null, $"{data.Length}]}}");
        }

        var json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data.ToArray()];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = Table[(byte)(crc ^ b)] ^ crc >> 8;
        }

        return ~crc;
    }

    private static byte[] Deflated(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>Little-endian fields, each its length and its value.</summary>
    private static void Write(MemoryStream to, params ReadOnlySpan<long> fields)
    {
        for (var i = 0; i < fields.Length; i += 2)
        {
            to.Write(BitConverter.GetBytes(fields[i + 1]).AsSpan(0, (int)fields[i]));
        }
    }
}
